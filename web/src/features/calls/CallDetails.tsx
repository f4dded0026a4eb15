import { Button, Skeleton, Tabs } from '@mantine/core';
import { IconPhoneOff, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ApiError, body } from '../../api/client';
import { Dial } from '../../shared/Dial';
import { DisposeDialog } from '../../shared/DisposeDialog';
import { Failed } from '../../shared/Failed';
import { duration, fully } from '../../shared/format';
import { Kind } from '../../shared/Kind';
import { useNames } from '../../shared/names';
import { useTabs } from '../../shared/tabs';
import { useDesk } from '../../shared/useDesk';
import { Empty } from '../../ui/Empty';
import css from './calls.module.css';
import { Outcome } from './Outcome';
import { SipLadder } from './SipLadder';
import { Timeline, type Entry } from './Timeline';

const route = getRouteApi('/calls/$id');

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A call and everything that happened in it. It opens as a tab of its own. */
export function CallDetails() {
  const { t, i18n } = useTranslation('calls');
  const { id } = route.useParams();
  const names = useNames();
  const [disposing, setDisposing] = useState(false);
  const role = useDesk((desk) => desk.me?.role);
  const found = useQuery({ queryKey: ['calls', 'one', id], queryFn: () => api.GET('/api/v1/calls/{id}', { params: { path: { id } } }).then(body) });
  const show = useTabs((tabs) => tabs.show);
  const number = found.data?.number;
  useEffect(() => {
    if (number !== undefined) show({ call: id, number });
  }, [id, number, show]);

  if (found.isPending) return <Skeleton height={240} m={18} style={{ width: 'auto' }} />;
  if (found.isError) {
    const gone = found.error instanceof ApiError && found.error.status === 404;
    if (gone) return <Empty icon={<IconPhoneOff size={26} stroke={1.6} />} title={t('not_found')} hint={t('not_found_hint')} />;
    return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  }
  const call = found.data;
  const time = (at: string | null | undefined) => (at ? fully(at, i18n.language) : '–');
  return (
    <div className="page">
      <div className="page-head">
        <h1>
          {call.caller_name ?? ((call.kind === 'outbound' && call.agent_name) || call.caller)} <span className="meta">#{call.number}</span>
        </h1>
        <Outcome call={call} />
      </div>
      {disposing && <DisposeDialog call={id} number={call.number} queue={call.dispositions_of} note={call.note} before={call.disposition_path} onClose={() => setDisposing(false)} />}
      <div className={css.columns}>
        <section className={`card ${css.card}`}>
          <h2>{t('summary')}</h2>
          <dl className={css.facts}>
            <Fact name={t('kind')}>
              <Kind kind={call.kind} />
            </Fact>
            <Fact name={t('caller')}>
              <Dial number={call.caller} />
            </Fact>
            <Fact name={t('called')}>
              <Dial number={call.called} />
            </Fact>
            <Fact name={t('connected')}>
              <Dial number={call.connected} />
            </Fact>
            <Fact name={t('queue')}>{names.queue(call.queue)}</Fact>
            <Fact name={t('agent')}>{call.agent_name ?? '–'}</Fact>
            <Fact name={t('started')}>{time(call.started_at)}</Fact>
            <Fact name={t('answered')}>{time(call.answered_at)}</Fact>
            <Fact name={t('ended')}>{time(call.ended_at)}</Fact>
            <Fact name={t('wait')}>{duration(call.wait_ms)}</Fact>
            <Fact name={t('ring')}>{duration(call.ring_ms)}</Fact>
            <Fact name={t('talk')}>{duration(call.talk_ms)}</Fact>
            <Fact name={t('ended_by')}>{call.ended_by ? t(`by.${call.ended_by as 'caller'}`) : '–'}</Fact>
            <Fact name={t('disposition')}>
              {call.disposition_names?.join(' / ') || '–'}
              {call.ended_at && call.kind !== 'service' && (!call.disposition || role !== 'agent') && (
                <Button size="compact-xs" variant="default" ms={8} onClick={() => setDisposing(true)}>
                  {t(call.disposition ? 'correct' : 'dispose')}
                </Button>
              )}
            </Fact>
            {call.note && <Fact name={t('note')}>{call.note}</Fact>}
            {call.disposed_at && <Fact name={t('disposed_at')}>{time(call.disposed_at)}</Fact>}
            <Fact name={t('recording')}>
              {call.recording ? (
                <Link to="/recordings" search={{ play: call.recording, range: 'all' }}>
                  <IconPlayerPlay size={13} aria-hidden /> {t('show_recording')}
                </Link>
              ) : (
                t((call.timeline as unknown as Entry[]).some(({ type }) => type === 'recording.started') ? 'not_kept' : 'none')
              )}
            </Fact>
          </dl>
        </section>
        <section className={`card ${css.card}`}>
          {role === 'agent' ? (
            <>
              <h2>{t('timeline')}</h2>
              <Timeline entries={call.timeline as unknown as Entry[]} names={call.names} />
            </>
          ) : (
            <Tabs defaultValue="timeline" keepMounted={false}>
              <Tabs.List mb={10}>
                <Tabs.Tab value="timeline">{t('timeline')}</Tabs.Tab>
                <Tabs.Tab value="sip">{t('sip.title')}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="timeline">
                <Timeline entries={call.timeline as unknown as Entry[]} names={call.names} />
              </Tabs.Panel>
              <Tabs.Panel value="sip">
                <SipLadder call={id} />
              </Tabs.Panel>
            </Tabs>
          )}
        </section>
      </div>
    </div>
  );
}
