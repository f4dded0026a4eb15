import { useTranslation } from 'react-i18next';

import { useDesk } from '../../shared/useDesk';
import { StateLed } from '../../ui/Pill';
import { Agents } from './Agents';
import css from './dashboard.module.css';
import { Figures } from './Figures';
import { Queues } from './Queues';
import { Waiting } from './Waiting';

const LED = { live: 'available', connecting: 'logged_out', lost: 'paused' };

/** The voice dashboard: one's queues and who waits in them, as they are this second. */
export function Dashboard() {
  const { t } = useTranslation('dashboard');
  const connection = useDesk((desk) => desk.connection);
  const supervises = useDesk((desk) => desk.me?.role !== 'agent' && desk.me !== null);
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('title')}</h1>
        <span className={css.live} role="status" data-testid="connection">
          <StateLed state={LED[connection]} />
          {t(connection)}
        </span>
        <span className="meta">{t('channel')}</span>
      </div>
      <Figures />
      <Queues />
      <Waiting />
      {supervises && <Agents />}
    </div>
  );
}
