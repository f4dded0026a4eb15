import { Button, NativeSelect } from '@mantine/core';
import { IconPhoneCheck } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import { ExportButton } from '../../shared/ExportButton';
import { Failed } from '../../shared/Failed';
import { Filters } from '../../shared/Filters';
import { bounds } from '../../shared/format';
import css from '../../shared/list.module.css';
import { SavedFilters } from '../../shared/SavedFilters';
import { DataGrid } from '../../ui/DataGrid';
import { Empty } from '../../ui/Empty';
import { useColumns } from './columns';

const route = getRouteApi('/abandoned');
/** Columns, by the names the server sorts by. */
const SORTS = ['number', 'name', 'phone', 'queue', 'abandoned_at', 'disposition', 'assigned_to', 'reserved_by'] as const;

/** Callers who gave up in one's queues: one colleague reserves a call, and calls back. */
export function AbandonedList() {
  const { t } = useTranslation(['abandoned', 'calls']);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { queue, range, from, to, q, show } = search;
  const served = show === 'served';
  const disposed = show === 'disposed' ? true : show === 'open' ? false : undefined;
  const sort = { by: SORTS.find((known) => known === search.sort) ?? 'abandoned_at', desc: search.desc ?? true };
  const columns = useColumns();
  const page = (after?: string) => api.GET('/api/v1/abandoned-calls', { params: { query: { queue, served, disposed, ...bounds({ range, from, to }), q, sort: sort.by, order: sort.desc ? 'desc' : 'asc', after, limit: 200 } } }).then(body);
  const list = useInfiniteQuery({
    queryKey: ['abandoned', { queue, served, disposed, range, from, to, q, sort }],
    queryFn: ({ pageParam }) => page(pageParam),
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{t('title')}</h1>
        <Filters values={search} onChange={(values) => void navigate({ search: (old) => ({ ...old, ...values }), replace: true })} />
        <NativeSelect
          className={css.field}
          aria-label={t('filter_show')}
          value={show ?? ''}
          onChange={(event) => {
            const show = event.currentTarget.value || undefined;
            void navigate({ search: (old) => ({ ...old, show }), replace: true });
          }}
          data={[
            { value: '', label: t('all') },
            { value: 'open', label: t('to_dispose') },
            { value: 'disposed', label: t('disposed') },
            { value: 'served', label: t('served') },
          ]}
        />
        <SavedFilters list="abandoned" search={search} onApply={(saved) => void navigate({ search: saved, replace: true })} />
        <ExportButton name="abandoned-calls" columns={columns} page={page} />
      </div>
      {list.isError ? (
        <Failed error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataGrid
          label={t('title')}
          columns={columns}
          rows={rows}
          rowKey={(call) => call.id}
          sorted
          sort={sort}
          onSort={(sort) => void navigate({ search: (old) => ({ ...old, sort: sort.by, desc: sort.desc }), replace: true })}
          loading={list.isPending}
          onMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
          loadingMore={list.isFetchingNextPage}
          empty={
            <Empty icon={<IconPhoneCheck size={26} stroke={1.6} />} title={t('empty')} hint={t('empty_hint')}>
              {Boolean(queue ?? q ?? show) && (
                <Button size="compact-md" variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  {t('calls:clear')}
                </Button>
              )}
            </Empty>
          }
        />
      )}
    </div>
  );
}
