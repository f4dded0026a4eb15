import { IconMaximize } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { useDesk } from '../../shared/useDesk';
import { StateLed } from '../../ui/Pill';
import { Agents } from './Agents';
import css from './dashboard.module.css';
import { Figures } from './Figures';
import { LiveCalls } from './LiveCalls';
import { Queues } from './Queues';
import { Waiting } from './Waiting';

const LED = { live: 'available', connecting: 'logged_out', lost: 'paused' };

/** The voice dashboard as it is this second: an agent's queues and who waits in them; for supervisors everybody, every call, every queue. */
export function Dashboard() {
  const { t } = useTranslation('dashboard');
  const connection = useDesk((desk) => desk.connection);
  const supervises = useDesk((desk) => desk.me?.role !== 'agent' && desk.me !== null);
  const page = useRef<HTMLDivElement>(null);
  return (
    <div ref={page} className={`page ${css.wall}`}>
      <div className="page-head">
        <h1>{t(supervises ? 'live_title' : 'title')}</h1>
        <span className={css.live} role="status" data-testid="connection">
          <StateLed state={LED[connection]} />
          {t(connection)}
        </span>
        {supervises && document.fullscreenEnabled && (
          <button type="button" className={css.screen} onClick={() => void page.current?.requestFullscreen()}>
            <IconMaximize size={16} stroke={1.7} aria-hidden />
            {t('full_screen')}
          </button>
        )}
      </div>
      <Figures />
      {supervises && <Agents />}
      {supervises && <LiveCalls />}
      <Queues />
      <Waiting />
    </div>
  );
}
