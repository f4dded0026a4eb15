import { NativeSelect } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type Schemas } from '../../api/client';
import { ExportButton } from '../../shared/ExportButton';
import { Failed } from '../../shared/Failed';
import { bounds, fully, moment, ranges, type Range } from '../../shared/format';
import css from '../../shared/list.module.css';
import { SavedFilters } from '../../shared/SavedFilters';
import { DataGrid, type Column } from '../../ui/DataGrid';
import { Empty } from '../../ui/Empty';
import { changes, nameOf, whoOf } from './audit';
import { users } from './users';

type Row = Schemas['AuditRow'];

const route = getRouteApi('/settings/audit');
const ENTITIES = ['user', 'phone', 'queue', 'membership', 'trunk', 'outbound_route', 'pause_reason', 'disposition', 'sound', 'recording', 'recording_link', 'abandoned_call', 'api_key', 'second_factor', 'call'] as const;

/** Who changed what of the set-up, and who listened to what, when, and what it was before and is after. */
export function AuditLog() {
  const { t, i18n } = useTranslation(['admin', 'common']);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { kind: entity, q: by, range, from, to } = search;
  const order = search.desc === false ? 'asc' : 'desc';
  const page = (after?: string) => api.GET('/api/v1/audit', { params: { query: { entity, by, ...bounds({ range: range ?? 'month', from, to }), order, after, limit: 100 } } }).then(body);
  const list = useInfiniteQuery({
    queryKey: ['setup', 'audit', { entity, by, range, from, to, order }],
    queryFn: ({ pageParam }) => page(pageParam),
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const people = useQuery({ queryKey: ['setup', users.kind], queryFn: users.list });
  const known = (people.data ?? []).map((user) => ({ value: user.login, label: user.name }));
  const commands = ['setup file', 'recording link'].map((value) => ({ value, label: whoOf({ by: value }, t) }));
  const listed = [...known, ...commands];
  // Whoever is gone is still asked for by a link that names them.
  const who = by && !listed.some(({ value }) => value === by) ? [...listed, { value: by, label: by }] : listed;
  const columns = useMemo<Column<Row>[]>(
    () => [
      { id: 'at', title: t('audit.at'), width: '124px', value: (row) => row.at, cell: (row) => <span title={fully(row.at, i18n.language)}>{moment(row.at, i18n.language)}</span> },
      { id: 'by', title: t('audit.by'), unsorted: true, width: '140px', value: (row) => whoOf(row, t), cell: (row) => <span title={row.by}>{whoOf(row, t)}</span> },
      { id: 'action', title: t('audit.action'), unsorted: true, width: '104px', value: (row) => t(`audit.actions.${row.action as 'create'}`) },
      { id: 'entity', title: t('audit.entity'), unsorted: true, width: '132px', value: (row) => t(`audit.entities.${row.entity as 'user'}`) },
      { id: 'name', title: t('audit.name'), unsorted: true, width: 'minmax(150px, 1fr)', value: (row) => nameOf(row, t) },
      {
        id: 'changes',
        title: t('audit.changes'),
        unsorted: true,
        width: 'minmax(200px, 1.3fr)',
        value: (row) => changes(row, t, i18n.language).join(' · '),
        cell: (row) => <span title={changes(row, t, i18n.language).join('\n')}>{changes(row, t, i18n.language).join(' · ') || '–'}</span>,
      },
    ],
    [t, i18n.language],
  );
  const change = (values: { kind?: string; q?: string; range?: Range }) => void navigate({ search: (old) => ({ ...old, ...values }), replace: true });
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{t('audit.title')}</h1>
        <NativeSelect className={css.field} aria-label={t('audit.filter_by')} value={by ?? ''} onChange={(event) => change({ q: event.currentTarget.value || undefined })} data={[{ value: '', label: t('audit.everybody') }, ...who]} />
        <NativeSelect className={css.field} aria-label={t('audit.entity')} value={entity ?? ''} onChange={(event) => change({ kind: event.currentTarget.value || undefined })} data={[{ value: '', label: t('audit.everything') }, ...ENTITIES.map((value) => ({ value, label: t(`audit.entities.${value}`) }))]} />
        <NativeSelect className={css.field} aria-label={t('audit.period')} value={range ?? 'month'} onChange={(event) => change({ range: event.currentTarget.value as Range })} data={ranges.filter((range) => range !== 'dates').map((range) => ({ value: range, label: t(`common:ranges.${range}`) }))} />
        <SavedFilters list="audit" search={search} onApply={(saved) => void navigate({ search: saved, replace: true })} />
        <ExportButton name="audit" columns={columns} page={page} />
      </div>
      {list.isError ? (
        <Failed error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataGrid
          label={t('audit.title')}
          columns={columns}
          rows={list.data?.pages.flatMap((page) => page.items) ?? []}
          rowKey={(row) => row.id}
          sorted
          sort={{ by: 'at', desc: order === 'desc' }}
          onSort={(sort) => void navigate({ search: (old) => ({ ...old, desc: sort.desc }), replace: true })}
          loading={list.isPending}
          onMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
          loadingMore={list.isFetchingNextPage}
          empty={<Empty icon={<IconHistory size={26} stroke={1.6} />} title={t('audit.empty')} hint={t('audit.empty_hint')} />}
        />
      )}
    </div>
  );
}
