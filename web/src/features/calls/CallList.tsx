import { Button, NativeSelect } from '@mantine/core';
import { IconFileText, IconPhoneOff } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type CallRow } from '../../api/client';
import { usePaths } from '../../shared/dispositions';
import { Caller } from '../../shared/Caller';
import { Dial } from '../../shared/Dial';
import { ExportButton } from '../../shared/ExportButton';
import { Failed } from '../../shared/Failed';
import { Filters } from '../../shared/Filters';
import { bounds, duration, fully, seconds } from '../../shared/format';
import { Kind } from '../../shared/Kind';
import css from '../../shared/list.module.css';
import { useNames } from '../../shared/names';
import { SavedFilters } from '../../shared/SavedFilters';
import { When } from '../../shared/When';
import { DataGrid, type Column } from '../../ui/DataGrid';
import { Empty } from '../../ui/Empty';
import { Outcome } from './Outcome';

const route = getRouteApi('/calls');
const KINDS = ['inbound', 'outbound', 'internal'] as const;
/** Columns, by the names the server sorts by. */
const SORTS = ['number', 'kind', 'caller', 'called', 'queue', 'agent', 'started_at', 'ended_at', 'wait_ms', 'talk_ms', 'reason', 'disposition'] as const;

/** Calls one has answered; all of them for supervisors. */
export function CallList() {
  const { t, i18n } = useTranslation('calls');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { kind, queue, range, from, to, q, disposition } = search;
  const classes = usePaths();
  const classed = disposition === 'none' ? { disposed: false } : { disposition };
  const sort = { by: SORTS.find((known) => known === search.sort) ?? 'started_at', desc: search.desc ?? true };
  const names = useNames();
  const page = (after?: string) => api.GET('/api/v1/calls', { params: { query: { kind, queue, ...classed, ...bounds({ range, from, to }), q, sort: sort.by, order: sort.desc ? 'desc' : 'asc', after, limit: 200 } } }).then(body);
  const list = useInfiniteQuery({
    queryKey: ['calls', { kind, queue, disposition, range, from, to, q, sort }],
    queryFn: ({ pageParam }) => page(pageParam),
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const columns = useMemo<Column<CallRow>[]>(() => {
    const chain = (call: CallRow) => [call.disposition_names?.join(' / '), call.disposed_at && fully(call.disposed_at, i18n.language)].filter(Boolean).join(' · ');
    const whole = (text: string | null | undefined) => text && <span title={text}>{text}</span>;
    return [
      {
        id: 'number',
        title: t('number'),
        width: '76px',
        value: (call) => call.number,
        cell: (call) => (
          <Link to="/calls/$id" params={{ id: call.id }} className={css.link} aria-label={t('details', { number: call.number })}>
            <IconFileText size={15} stroke={1.7} aria-hidden />
            {call.number}
          </Link>
        ),
      },
      { id: 'kind', title: t('kind'), width: '42px', value: (call) => t(`kinds.${call.kind as 'inbound'}`), cell: (call) => <Kind kind={call.kind} bare /> },
      {
        id: 'caller',
        title: t('caller'),
        width: 'minmax(128px, 1.6fr)',
        value: (call) => [call.caller_name, call.caller].filter(Boolean).join(' · '),
        cell: (call) => <Caller name={call.caller_name} number={call.caller} />,
      },
      { id: 'called', title: t('called'), width: 'minmax(128px, .9fr)', value: (call) => call.called, cell: (call) => <Dial number={call.called} /> },
      { id: 'queue', title: t('queue'), width: 'minmax(62px, .7fr)', value: (call) => call.queue && names.queue(call.queue) },
      { id: 'agent', title: t('agent'), width: 'minmax(80px, .9fr)', value: (call) => call.agent_name, cell: (call) => whole(call.agent_name) ?? '–' },
      { id: 'started_at', title: t('started'), width: '76px', value: (call) => call.started_at, file: (call, stamp) => stamp(call.started_at), cell: (call) => <When at={call.started_at} /> },
      {
        id: 'ended_at',
        title: t('ended'),
        width: '76px',
        value: (call) => call.ended_at,
        file: (call, stamp) => call.ended_at && stamp(call.ended_at),
        cell: (call) => (call.ended_at ? <When at={call.ended_at} after={call.started_at} /> : '–'),
      },
      { id: 'wait_ms', title: t('wait'), width: '58px', align: 'end', value: (call) => seconds(call.wait_ms), cell: (call) => duration(call.wait_ms) },
      { id: 'talk_ms', title: t('talk'), width: '66px', align: 'end', value: (call) => seconds(call.talk_ms), cell: (call) => duration(call.talk_ms) },
      { id: 'reason', title: t('outcome'), width: 'minmax(118px, .9fr)', value: (call) => call.reason && t(`reason.${call.reason as 'busy'}`), cell: (call) => <Outcome call={call} /> },
      { id: 'disposition', title: t('disposition'), width: 'minmax(90px, .9fr)', value: (call) => call.disposition_names?.join(' / '), cell: (call) => call.disposition && <span title={chain(call)}>{call.disposition}</span> },
      { id: 'note', title: t('note'), unsorted: true, width: 'minmax(48px, 1fr)', value: (call) => call.note, cell: (call) => whole(call.note) },
    ];
  }, [t, i18n.language, names]);
  const filtered = Boolean(kind ?? queue ?? q ?? disposition);

  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{t('title')}</h1>
        <Filters values={search} kinds={KINDS} onChange={(values) => void navigate({ search: (old) => ({ ...old, ...values }), replace: true })} />
        <NativeSelect
          className={css.field}
          aria-label={t('filter_disposition')}
          value={disposition ?? ''}
          onChange={(event) => {
            const disposition = event.currentTarget.value || undefined;
            void navigate({ search: (old) => ({ ...old, disposition }), replace: true });
          }}
          data={[{ value: '', label: t('all_dispositions') }, { value: 'none', label: t('not_disposed') }, ...classes]}
        />
        <SavedFilters list="calls" search={search} onApply={(saved) => void navigate({ search: saved, replace: true })} />
        <ExportButton name="calls" columns={columns} page={page} />
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
          tall
          sort={sort}
          onSort={(sort) => void navigate({ search: (old) => ({ ...old, sort: sort.by, desc: sort.desc }), replace: true })}
          loading={list.isPending}
          onMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
          loadingMore={list.isFetchingNextPage}
          empty={
            <Empty icon={<IconPhoneOff size={26} stroke={1.6} />} title={t('empty')} hint={t('empty_hint')}>
              {filtered && (
                <Button size="compact-md" variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  {t('clear')}
                </Button>
              )}
            </Empty>
          }
        />
      )}
    </div>
  );
}
