import { IconLayoutDashboard, IconMicrophone, IconPhone, IconPhoneCall, IconPhoneX, IconSettings, IconX } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { useTabs } from '../shared/tabs';
import css from './shell.module.css';

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true };
const LISTS = [
  { to: '/calls', title: 'calls', Icon: IconPhone },
  { to: '/abandoned', title: 'abandoned', Icon: IconPhoneX },
  { to: '/recordings', title: 'recordings', Icon: IconMicrophone },
] as const;

/** Open work. The dashboard stays, the list in view stands beside it, calls close with their X; what does not fit scrolls. */
export function TabStrip({ path }: { path: string }) {
  const { t } = useTranslation('shell');
  const { open, close } = useTabs();
  const navigate = useNavigate();
  const strip = useRef<HTMLElement>(null);
  useEffect(() => {
    // Newer browsers answer with a promise: it must not be taken for a clean-up.
    void strip.current?.querySelector('[data-on]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [path, open.length]);

  return (
    <nav ref={strip} className={css.tabs} aria-label={t('tabs')}>
      <div className={css.tab} data-on={path === '/' || undefined}>
        <Link to="/">
          <IconLayoutDashboard {...ICON} />
          <span>{t('dashboard')}</span>
        </Link>
      </div>
      {LISTS.map(({ to, title, Icon }) => (
        <div key={to} className={css.tab} data-on={path === to || undefined}>
          <Link to={to}>
            <Icon {...ICON} />
            <span>{t(title)}</span>
          </Link>
        </div>
      ))}
      {path.startsWith('/settings') && (
        <div className={css.tab} data-on>
          <Link to="/settings">
            <IconSettings {...ICON} />
            <span>{t('settings')}</span>
          </Link>
        </div>
      )}
      {open.map((tab) => {
        const title = t('call_tab', { number: tab.number });
        const on = path === `/calls/${tab.call}`;
        return (
          <div key={tab.call} className={css.tab} data-on={on || undefined}>
            <Link to="/calls/$id" params={{ id: tab.call }}>
              <IconPhoneCall {...ICON} color="var(--ready)" />
              <span>{title}</span>
            </Link>
            <button
              type="button"
              aria-label={t('close_tab', { title })}
              onClick={() => {
                close(tab.call);
                if (on) void navigate({ to: '/calls' });
              }}
            >
              <IconX size={14} stroke={2} aria-hidden />
            </button>
          </div>
        );
      })}
    </nav>
  );
}
