import { Button } from '@mantine/core';
import { IconDownload, IconMicrophoneOff, IconPlayerPlay } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type RecordingRow } from '../../api/client';
import { Dial } from '../../shared/Dial';
import { ExportButton } from '../../shared/ExportButton';
import { Failed } from '../../shared/Failed';
import { Filters } from '../../shared/Filters';
import { bounds, duration, fully, moment, seconds } from '../../shared/format';
import { Kind } from '../../shared/Kind';
import css from '../../shared/list.module.css';
import { useNames } from '../../shared/names';
import { SavedFilters } from '../../shared/SavedFilters';
import { DataGrid, type Column } from '../../ui/DataGrid';
import { Empty } from '../../ui/Empty';
import { Pill } from '../../ui/Pill';
import { audioOf } from './audio';
import { Player } from './Player';

const route = getRouteApi('/recordings');
/** Columns, by the names the server sorts by. */
const SORTS = ['kind', 'id', 'caller', 'called', 'connected', 'queue', 'agent', 'started_at', 'length_ms', 'rating', 'bytes'] as const;

/** Recordings of one's calls; all of them for supervisors. One plays at the foot. */
export function RecordingList() {
  const { t, i18n } = useTranslation(['recordings', 'calls']);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { queue, range, from, to, q, play } = search;
  const sort = { by: SORTS.find((known) => known === search.sort) ?? 'started_at', desc: search.desc ?? true };
  const names = useNames();
  const page = (after?: string) => api.GET('/api/v1/recordings', { params: { query: { queue, ...bounds({ range, from, to }), q, sort: sort.by, order: sort.desc ? 'desc' : 'asc', after, limit: 200 } } }).then(body);
  const list = useInfiniteQuery({
    queryKey: ['recordings', { queue, range, from, to, q, sort }],
    queryFn: ({ pageParam }) => page(pageParam),
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const all = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const listed = all.find((one) => one.id === play);
  // Chosen elsewhere: it may be older than what is listed.
  const older = useQuery({
    queryKey: ['recordings', 'one', play],
    queryFn: () => api.GET('/api/v1/recordings/{id}', { params: { path: { id: play ?? '' } } }).then(body),
    enabled: play !== undefined && list.isSuccess && !listed,
  });
  const chosen = listed ?? (play === undefined ? undefined : older.data);

  const columns = useMemo<Column<RecordingRow>[]>(
    () => [
      { id: 'kind', title: t('kind'), width: '48px', value: (one) => t(`calls:kinds.${one.kind as 'inbound'}`), cell: (one) => <Kind kind={one.kind} bare /> },
      {
        id: 'id',
        title: t('id'),
        width: '86px',
        value: (one) => one.id,
        cell: (one) => (
          <Link to="/calls/$id" params={{ id: one.call }} className="mono" title={`${t('open_call')} · ${one.id}`}>
            {one.id.slice(-8)}
          </Link>
        ),
      },
      { id: 'caller', title: t('caller'), width: 'minmax(128px, 1.3fr)', value: (one) => one.caller, cell: (one) => <Dial number={one.caller} /> },
      { id: 'called', title: t('called'), width: 'minmax(128px, 1fr)', value: (one) => one.called, cell: (one) => <Dial number={one.called} /> },
      { id: 'connected', title: t('connected'), width: 'minmax(128px, 1fr)', value: (one) => one.connected, cell: (one) => <Dial number={one.connected} /> },
      { id: 'queue', title: t('queue'), width: 'minmax(70px, .7fr)', value: (one) => one.queue && names.queue(one.queue) },
      { id: 'agent', title: t('agent'), width: 'minmax(84px, 1fr)', value: (one) => one.agent_name },
      { id: 'started_at', title: t('date'), width: '112px', value: (one) => one.started_at, file: (one, stamp) => stamp(one.started_at), cell: (one) => <span title={fully(one.started_at, i18n.language)}>{moment(one.started_at, i18n.language)}</span> },
      {
        id: 'length_ms',
        title: t('length'),
        width: '76px',
        align: 'end',
        value: (one) => seconds(one.length_ms),
        cell: (one) => (one.error ? <Pill tone="bad">{t('broken')}</Pill> : one.length_ms == null ? <Pill tone="busy">{t('running')}</Pill> : duration(one.length_ms)),
      },
      { id: 'rating', title: t('rating'), width: '84px', value: (one) => one.rating, cell: (one) => (one.rating == null ? <span className="meta">{t('not_rated')}</span> : '★'.repeat(one.rating)) },
      {
        id: 'bytes',
        silent: true,
        sticky: true,
        title: t('audio'),
        width: '80px',
        value: (one) => one.bytes,
        cell: (one) => (
          <>
            <button type="button" className={css.icon} aria-pressed={one.id === play} disabled={one.length_ms == null} aria-label={t('listen', { caller: one.caller })} title={t('play')} onClick={() => void navigate({ search: (old) => ({ ...old, play: one.id === play ? undefined : one.id }), replace: true })}>
              <IconPlayerPlay size={16} stroke={1.7} aria-hidden />
            </button>
            <a className={css.icon} href={audioOf(one.id)} download={`${one.id}.wav`} aria-label={t('download_of', { caller: one.caller })} title={t('download')}>
              <IconDownload size={16} stroke={1.7} aria-hidden />
            </a>
          </>
        ),
      },
    ],
    [t, i18n.language, play, navigate, names],
  );
  const filtered = Boolean(queue ?? q);

  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{t('title')}</h1>
        <Filters values={search} onChange={(values) => void navigate({ search: (old) => ({ ...old, ...values }), replace: true })} />
        <SavedFilters list="recordings" search={search} onApply={(saved) => void navigate({ search: saved, replace: true })} />
        <ExportButton name="recordings" columns={columns} page={page} />
      </div>
      {list.isError ? (
        <Failed error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataGrid
          label={t('title')}
          columns={columns}
          rows={all}
          rowKey={(one) => one.id}
          current={play}
          sorted
          sort={sort}
          onSort={(sort) => void navigate({ search: (old) => ({ ...old, sort: sort.by, desc: sort.desc }), replace: true })}
          loading={list.isPending}
          onMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
          loadingMore={list.isFetchingNextPage}
          empty={
            <Empty icon={<IconMicrophoneOff size={26} stroke={1.6} />} title={t('empty')} hint={t('empty_hint')}>
              {filtered && (
                <Button size="compact-md" variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  {t('calls:clear')}
                </Button>
              )}
            </Empty>
          }
        />
      )}
      {play !== undefined && !listed && older.isError && <Failed error={older.error} onRetry={() => void older.refetch()} />}
      {chosen && <Player key={chosen.id} recording={chosen} onClose={() => void navigate({ search: (old) => ({ ...old, play: undefined }), replace: true })} />}
    </div>
  );
}
