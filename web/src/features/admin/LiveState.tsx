import { useTranslation } from 'react-i18next';

import { useDesk } from '../../shared/useDesk';
import { StateLed } from '../../ui/Pill';
import css from './admin.module.css';

/** What an agent is doing this second; a dash for those who take no calls. */
export function LiveState({ login }: { login?: string }) {
  const { t } = useTranslation('shell');
  const agent = useDesk((desk) => desk.agents.find((known) => known.login === login));
  if (!agent) return <>–</>;
  return (
    <span className={css.live}>
      <StateLed state={agent.state} />
      {t(`state.${agent.state as 'paused'}`)}
      {agent.phone && <span className="meta">{agent.phone}</span>}
    </span>
  );
}
