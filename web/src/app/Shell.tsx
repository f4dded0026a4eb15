import { notifications } from '@mantine/notifications';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import type { Me } from '../api/client';
import { renameMe, takeMe } from '../live/desk';
import { follow } from '../shared/follow';
import { fully } from '../shared/format';
import { Alarms } from './Alarms';
import { alertOfCalls } from './alert';
import { attend } from './attend';
import { CallDock } from './CallDock';
import { Connection } from './Connection';
import { DialMenu } from './DialMenu';
import { Header } from './Header';
import { followKeys } from './keys';
import { Palette } from './Palette';
import { Rail } from './Rail';
import css from './shell.module.css';
import { TabStrip } from './TabStrip';
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
        <CallDock />
        <WrapUpPanel />
        <TabStrip path={path} />
        <DialMenu />
        <Palette me={me} />
        <main id="main" className={css.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}
