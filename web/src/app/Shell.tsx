import { notifications } from '@mantine/notifications';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import type { Me } from '../api/client';
import { renameMe, takeMe } from '../live/desk';
import { follow } from '../shared/follow';
import { fully } from '../shared/format';
import { useTabs } from '../shared/tabs';
import { Alarms } from './Alarms';
import { alertOfCalls } from './alert';
import { attend } from './attend';
import { CallDock } from './CallDock';
import { Connection } from './Connection';
import { DialMenu } from './DialMenu';
import { Header } from './Header';
import { followKeys } from './keys';
import { Notes } from './Notes';
import { Palette } from './Palette';
import { PhoneCheck } from './PhoneCheck';
import { Rail } from './Rail';
import css from './shell.module.css';
import { TabStrip } from './TabStrip';
import { titlePage } from './title';
import { WrapUpPanel } from './WrapUpPanel';

/** Rail, header, dock, tabs, and the page asked for. */
export function Shell({ me, since }: { me: Me; since: string }) {
  const { t, i18n } = useTranslation(['shell', 'auth']);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    takeMe(me);
    if (me.password.expires_soon && me.password.expires_at) {
      const message = t('auth:password_expires', { at: fully(me.password.expires_at, i18n.language) });
      notifications.show({ message, color: 'yellow', autoClose: false, withBorder: true });
    }
    return follow();
    // Only another person begins anew; what this one does, the stream tells.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [me.id]);
  const home = me.role === 'agent' ? 'dashboard' : 'live';
  const number = useTabs(({ open }) => open.find((tab) => path === `/calls/${tab.call}`)?.number);
  const title = titleOf(path, home);
  useEffect(() => titlePage(number !== undefined ? t('call_tab', { number }) : title ? t(title) : ''), [number, title, t]);
  useEffect(() => () => titlePage(''), []);
  useEffect(() => renameMe(me), [me]);
  useEffect(followKeys, []);
  const isPage = me.agent?.typology === 'webrtc';
  useEffect(() => (isPage ? attend() : undefined), [isPage, me.id]);
  useEffect(() => (isPage ? alertOfCalls() : undefined), [isPage]);

  return (
    <div className={css.shell}>
      <a className={css.skip} href="#main">
        {t('skip')}
      </a>
      <Rail me={me} />
      <div className={css.work}>
        <Header me={me} since={since} />
        <Connection />
        {me.role !== 'agent' && <Alarms />}
        <Notes />
        {isPage && <PhoneCheck />}
        <CallDock />
        <WrapUpPanel />
        <TabStrip path={path} home={home} />
        <DialMenu />
        <Palette me={me} />
        <main id="main" className={css.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}

/** What a page is called; nothing where there is none. */
function titleOf(path: string, home: 'dashboard' | 'live') {
  if (path === '/') return home;
  const section = path.split('/')[1];
  return (['calls', 'abandoned', 'recordings', 'settings'] as const).find((known) => known === section);
}
