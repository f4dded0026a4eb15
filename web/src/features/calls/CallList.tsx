import { Button } from '@mantine/core';
import { IconFileText, IconPhoneOff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type CallRow } from '../../api/client';
import { Failed } from '../../shared/Failed';
import { Filters } from '../../shared/Filters';
import { duration, fully, moment, rangeStart } from '../../shared/format';
import { Kind } from '../../shared/Kind';
import css from '../../shared/list.module.css';
import { matches } from '../../shared/matches';
import { DataGrid, type Column } from '../../ui/DataGrid';
import { Empty } from '../../ui/Empty';
import { Outcome } from './Outcome';

const route = getRouteApi('/calls');
const KINDS = ['inbound', 'outbound', 'internal'] as const;

/** Calls one has answered; all of them for supervisors. */
export function CallList() {
  const { t, i18n } = useTranslation('calls');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { kind, queue, range = 'week', q } = search;
  const list = useInfiniteQuery({
    queryKey: ['calls', { kind, queue, range }],
    queryFn: ({ pageParam }) => api.GET('/api/v1/calls', { params: { query: { kind, queue, from: rangeStart(range), after: pageParam, limit: 200 } } }).then(body),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = useMemo(
    () => (list.data?.pages.flatMap((page) => page.items) ?? []).filter((call) => matches(q, [call.number, call.caller, call.caller_name, call.called, call.connected, call.agent, call.queue])),
    [list.data, q],
  );
  const columns = useMemo<Column<CallRow>[]>(() => {
    const time = (at: string | null | undefined) => (at ? <span title={fully(at, i18n.language)}>{moment(at, i18n.language)}</span> : '–');
    return [
      {
        id: 'number',
        title: t('number'),
        width: '92px',
        value: (call) => call.number,
        cell: (call) => (
          <Link to="/calls/$id" params={{ id: call.id }} className={css.link} aria-label={t('details', { number: call.number })}>
            <IconFileText size={15} stroke={1.7} aria-hidden />
            {call.number}
          </Link>
        ),
      },
      { id: 'kind', title: t('kind'), width: '116px', value: (call) => call.kind, cell: (call) => <Kind kind={call.kind} /> },
      {
        id: 'caller',
        title: t('caller'),
        width: 'minmax(160px, 1.4fr)',
        value: (call) => call.caller,
        cell: (call) => (call.caller_name ? `${call.caller_name} · ${call.caller}` : call.caller),
      },
      { id: 'called', title: t('called'), width: 'minmax(110px, 1fr)', value: (call) => call.called },
      { id: 'queue', title: t('queue'), width: '104px', value: (call) => call.queue },
      { id: 'agent', title: t('agent'), width: '96px', value: (call) => call.agent },
      { id: 'started', title: t('started'), width: '132px', value: (call) => call.started_at, cell: (call) => time(call.started_at) },
      { id: 'ended', title: t('ended'), width: '132px', value: (call) => call.ended_at, cell: (call) => time(call.ended_at) },
      { id: 'wait', title: t('wait'), width: '84px', align: 'end', value: (call) => call.wait_ms, cell: (call) => duration(call.wait_ms) },
      { id: 'talk', title: t('talk'), width: '84px', align: 'end', value: (call) => call.talk_ms, cell: (call) => duration(call.talk_ms) },
      { id: 'outcome', title: t('outcome'), width: '168px', value: (call) => call.reason, cell: (call) => <Outcome call={call} /> },
    ];
  }, [t, i18n.language]);
  const filtered = Boolean(kind ?? queue ?? q);

  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{t('title')}</h1>
        <Filters values={search} kinds={KINDS} onChange={(values) => void navigate({ search: (old) => ({ ...old, ...values }), replace: true })} />
      </div>
      {list.isError ? (
        <Failed error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataGrid
          label={t('title')}
          columns={columns}
          rows={rows}
          rowKey={(call) => call.id}
          sort={{ by: search.sort ?? 'started', desc: search.desc ?? true }}
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
