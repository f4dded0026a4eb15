import { useTranslation } from 'react-i18next';

import { queueFor } from '../live/desk';
import { Dial } from '../shared/Dial';
import { DisposeForm } from '../shared/DisposeForm';
import { offered, useDispositions } from '../shared/dispositions';
import { duration } from '../shared/format';
import { useNames } from '../shared/names';
import { useDesk } from '../shared/useDesk';
import { Timer } from '../ui/Timer';
import css from './wrapup.module.css';

/** What the call was, while it is written up: who, where, how long, since when, and how it is classed. Classing it ends the wrap-up. */
export function WrapUpPanel() {
  const { t } = useTranslation('dispose');
  const names = useNames();
  const agent = useDesk((desk) => desk.me?.agent);
  const call = useDesk((desk) => (agent?.call ? desk.calls[agent.call] : undefined));
  const login = useDesk((desk) => desk.me?.login);
  const { data } = useDispositions();
  const queue = call && queueFor(call, login);
  if (agent?.state !== 'wrap_up' || !call || !data || offered(data, queue).length === 0) return null;

  // Whoever waited in a queue is the customer; without one, whoever was called.
  const other = call.parties.find((party) => !party.agent) ?? call.parties.at(-1);
  const number = queue || call.kind === 'inbound' ? call.caller : (other?.number ?? call.called);
  // From the own answer: what the caller waited before is no part of it.
  const began = call.had_by.find((had) => had.agent === login)?.since;
  const talked = agent.since && began ? new Date(agent.since).getTime() - new Date(began).getTime() : 0;
  return (
    <section className={css.panel} aria-label={t('panel')} data-testid="wrap-up">
      <dl className={css.facts}>
        <div>
          <dt>{t('caller')}</dt>
          <dd>{call.caller_name ?? '–'}</dd>
        </div>
        <div>
          <dt>{t('number')}</dt>
          <dd>
            <Dial number={number} />
          </dd>
        </div>
        <div>
          <dt>{t('queue')}</dt>
          <dd>{names.queue(queue)}</dd>
        </div>
        <div>
          <dt>{t('length')}</dt>
          <dd className="mono">{duration(talked)}</dd>
        </div>
        <div>
          <dt>{t('since_end')}</dt>
          <dd>
            <Timer className="mono" since={agent.since} label={t('since_end')} />
          </dd>
        </div>
      </dl>
      <DisposeForm key={call.call} call={call.call} queue={queue} />
    </section>
  );
}
