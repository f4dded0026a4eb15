import { useTranslation } from 'react-i18next';

import { queueFor, type AgentRow } from '../../live/desk';
import { pauseName, useNames } from '../../shared/names';
import { useDesk } from '../../shared/useDesk';
import { Avatar } from '../../ui/Avatar';
import { StateLed } from '../../ui/Pill';
import { Timer } from '../../ui/Timer';
import { AgentOrders } from './AgentOrders';
import css from './dashboard.module.css';
import { Supervise } from './Supervise';

/** An agent at work: state, call, and what a supervisor may do about either. */
export function AgentCard({ agent }: { agent: AgentRow }) {
  const { t } = useTranslation(['dashboard', 'shell']);
  const names = useNames();
  const call = useDesk((desk) => (agent.call ? desk.calls[agent.call] : undefined));
  const queue = call && queueFor(call, agent.login);
  const other = call?.parties.find((party) => party.agent !== agent.login);
  return (
    <li className={css.agent} data-state={agent.state} data-testid={`agent-${agent.login}`}>
      <Avatar name={agent.name} size={34} />
      <div className={css.whose}>
        <b>{agent.name}</b>
        <span className={css.state}>
          <StateLed state={agent.state} />
          {t(`shell:state.${agent.state as 'paused'}`)}
          {agent.state === 'paused' && agent.pause && ` · ${pauseName(agent)}`}
          {agent.since && <Timer since={agent.since} label={t('since')} />}
        </span>
        <span className="meta">
          {call ? [call.caller_name ?? other?.number ?? call.caller, queue && names.queue(queue)].filter(Boolean).join(' · ') : (agent.phone ?? '–')}
          {agent.state !== 'paused' && agent.paused_in.length > 0 && ` · ${t('shell:paused_in', { queues: agent.paused_in.map(({ queue }) => names.queue(queue)).join(', ') })}`}
          {agent.leaving && ` · ${t('leaving')}`}
        </span>
      </div>
      <div className={css.acts}>
        <Supervise agent={agent} />
        <AgentOrders agent={agent} />
      </div>
    </li>
  );
}
