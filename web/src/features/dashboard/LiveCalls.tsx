import { ActionIcon } from '@mantine/core';
import { IconPhoneCall, IconPhoneOff } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import type { LiveCall } from '../../live/desk';
import { Dial } from '../../shared/Dial';
import { useNames } from '../../shared/names';
import { complain } from '../../shared/problem';
import { useDesk } from '../../shared/useDesk';
import { Confirm } from '../../ui/Confirm';
import { Empty } from '../../ui/Empty';
import { Pill } from '../../ui/Pill';
import { Timer } from '../../ui/Timer';
import css from './dashboard.module.css';

const TONES = { arriving: 'plain', waiting: 'warn', ringing: 'busy', talking: 'ok' } as const;

/** Every call that is up, the oldest first; for supervisors. */
export function LiveCalls() {
  const { t } = useTranslation('dashboard');
  const known = useDesk((desk) => desk.calls);
  const calls = Object.values(known).filter((call) => call.kind !== 'service').sort((a, b) => a.number - b.number);
  return (
    <section className={`card ${css.panel}`} aria-labelledby="live-calls">
      <header>
        <h2 id="live-calls">{t('calls')}</h2>
        <span className="meta">{t('calls_up', { count: calls.length })}</span>
      </header>
      {calls.length === 0 && <Empty icon={<IconPhoneCall size={26} stroke={1.6} />} title={t('no_calls')} hint={t('no_calls_hint')} />}
      {calls.length > 0 && (
        <div className={css.scroll} role="region" aria-labelledby="live-calls" tabIndex={0}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">#</th>
                <th scope="col">{t('from')}</th>
                <th scope="col">{t('to')}</th>
                <th scope="col">{t('queue')}</th>
                <th scope="col">{t('with')}</th>
                <th scope="col">{t('stands')}</th>
                <th scope="col">{t('lasts')}</th>
                <th scope="col">
                  <span className="sr-only">{t('orders_head')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {calls.map((call) => (
                <Row key={call.call} call={call} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ call }: { call: LiveCall }) {
  const { t } = useTranslation('dashboard');
  const names = useNames();
  const [ending, setEnding] = useState(false);
  const end = useMutation({ mutationFn: () => api.POST('/api/v1/calls/{id}/hang-up', { params: { path: { id: call.call } } }).then(body), onError: complain, onSettled: () => setEnding(false) });
  const others = call.parties.slice(1).map((party) => party.agent_name ?? party.number);
  return (
    <tr data-testid={`call-${call.number}`}>
      <td className="num">{call.number}</td>
      <td>
        {call.caller_name && <b>{call.caller_name} </b>}
        <Dial number={call.caller} />
      </td>
      <td>
        <Dial number={call.called} />
      </td>
      <td>{names.queue(call.queue)}</td>
      <td>{[...others, ...call.offered_to_names].join(', ') || '–'}</td>
      <td>
        <Pill tone={TONES[call.state]}>{t(`call_state.${call.state}`)}</Pill>
      </td>
      <td>
        <Timer since={call.started_at} label={t('lasts')} />
      </td>
      <td className={css.end}>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('end_call', { number: call.number })} onClick={() => setEnding(true)}>
          <IconPhoneOff size={17} stroke={1.8} color="var(--bad-ink)" />
        </ActionIcon>
        <Confirm opened={ending} bad title={t('end_title', { number: call.number })} text={t('end_text')} act={t('end_act')} pending={end.isPending} onAct={() => end.mutate()} onClose={() => setEnding(false)} />
      </td>
    </tr>
  );
}
