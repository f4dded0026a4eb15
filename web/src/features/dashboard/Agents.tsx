import { useTranslation } from 'react-i18next';

import { useDesk } from '../../shared/useDesk';
import { StateLed } from '../../ui/Pill';
import { Timer } from '../../ui/Timer';
import { AgentOrders } from './AgentOrders';
import css from './dashboard.module.css';
import { Supervise } from './Supervise';

/** Everybody and what each is doing; for supervisors. */
export function Agents() {
  const { t } = useTranslation(['dashboard', 'shell']);
  const agents = useDesk((desk) => desk.agents);
  return (
    <section className={`card ${css.panel}`} aria-labelledby="agents">
      <header>
        <h2 id="agents">{t('people')}</h2>
      </header>
      <div className={css.scroll} role="region" aria-labelledby="agents" tabIndex={0}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('person')}</th>
              <th scope="col">{t('state')}</th>
              <th scope="col">{t('since')}</th>
              <th scope="col">{t('phone')}</th>
              <th scope="col">
                <span className="sr-only">{t('orders_head')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {agents.map((agent) => (
              <tr key={agent.login} data-testid={`agent-${agent.login}`}>
                <td><b>{agent.name}</b></td>
                <td>
                  <span className={css.state}>
                    <StateLed state={agent.state} />
                    {t(`shell:state.${agent.state as 'paused'}`)}
                    {agent.leaving && <span className="meta">{t('leaving')}</span>}
                  </span>
                </td>
                <td>{agent.since ? <Timer since={agent.since} label={t('since')} /> : '–'}</td>
                <td>{agent.phone ?? '–'}</td>
                <td className={css.end}>
                  <Supervise agent={agent} />
                  <AgentOrders agent={agent} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
