import { IconLayoutDashboard, IconMicrophone, IconPhone, IconPhoneCall, IconPhoneX, IconSettings, IconX } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useTabs, type Tab } from '../shared/tabs';
import { CloseTab, isUnclassed } from './CloseTab';
import css from './shell.module.css';

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true };
const LISTS = [
  { to: '/calls', title: 'calls', Icon: IconPhone },
  { to: '/abandoned', title: 'abandoned', Icon: IconPhoneX },
  { to: '/recordings', title: 'recordings', Icon: IconMicrophone },
] as const;

/** Open work. The dashboard stays, the list in view stands beside it, calls close with their X; what does not fit scrolls. */
export function TabStrip({ path, home }: { path: string; home: 'dashboard' | 'live' }) {
  const { t } = useTranslation('shell');
  const { open, close, see } = useTabs();
  const [leaving, leave] = useState<Tab | null>(null);
  const navigate = useNavigate();
  const strip = useRef<HTMLElement>(null);
  useEffect(() => {
    // Newer browsers answer with a promise: it must not be taken for a clean-up.
    void strip.current?.querySelector('[data-on]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [path, open.length]);
  const viewed = open.find((tab) => path === `/calls/${tab.call}`);
  useEffect(() => {
    if (viewed?.news) see(viewed.call);
  }, [viewed, see]);
  const shut = (tab: Tab) => {
    leave(null);
    close(tab.call);
    if (path === `/calls/${tab.call}`) void navigate({ to: '/calls' });
  };

  return (
    <nav ref={strip} className={css.tabs} aria-label={t('tabs')}>
      <div className={css.tab} data-on={path === '/' || undefined}>
        <Link to="/">
          <IconLayoutDashboard {...ICON} />
          <span>{t(home)}</span>
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
              {!on && Boolean(tab.news) && (
                <span className={css.badge} title={t('tab_news', { count: tab.news ?? 0 })}>
                  {tab.news}
                  <span className="sr-only">{t('tab_news', { count: tab.news ?? 0 })}</span>
                </span>
              )}
            </Link>
            <button type="button" aria-label={t('close_tab', { title })} onClick={() => (isUnclassed(tab.call) ? leave(tab) : shut(tab))}>
              <IconX size={14} stroke={2} aria-hidden />
            </button>
          </div>
        );
      })}
      {leaving && <CloseTab tab={leaving} onClosed={() => shut(leaving)} onKept={() => leave(null)} />}
    </nav>
  );
}
