import { Menu } from '@mantine/core';
import { IconDevices, IconDeviceMobile, IconHelp, IconKey, IconKeyboard, IconLogout, IconPhoneCall } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Me } from '../api/client';
import { Sessions } from '../features/auth/Sessions';
import { shows } from '../shared/parts';
import { Preferences } from '../shared/Preferences';
import { complain } from '../shared/problem';
import { signOut } from '../shared/session';
import { Avatar } from '../ui/Avatar';
import { Timer } from '../ui/Timer';
import { Help } from './Help';
import { followHelp, setKeys, useKeys } from './keys';
import { Notifications } from './Notifications';
import { PasswordDialog } from './PasswordDialog';
import { SecondFactorDialog } from './SecondFactorDialog';
import css from './shell.module.css';
import { StateControl } from './StateControl';

/** Always on top: state, pause, language, colours, the person. */
export function Header({ me, since }: { me: Me; since: string }) {
  const { t } = useTranslation(['shell', 'auth']);
  const [changes, setChanges] = useState(false);
  const [listed, setListed] = useState(false);
  const [secures, setSecures] = useState(false);
  const [helps, setHelps] = useState(false);
  useEffect(() => followHelp(() => setHelps(true)), []);
  const keys = useKeys((state) => state.on);
  const second = me.agent ? t('number', { number: me.agent.number }) : t(`role.${me.role as 'admin'}`);
  return (
    <header className={css.header}>
      <span className={`meta ${css.wide}`}>
        {t('logged_in')} <Timer since={since} label={t('logged_in')} />
      </span>
      <span className="push" />
      {me.agent && <StateControl inert={me.agent.typology === 'phonebar'} bare={!shows(me, 'pause')} />}
      <span className={css.sep} />
      <Notifications me={me} />
      <Preferences language={shows(me, 'language')} />
      <span className={css.sep} />
      <Menu position="bottom-end" shadow="md" width={240}>
        <Menu.Target>
          <button type="button" className={css.person} aria-label={t('account', { name: me.name })}>
            <Avatar name={me.name} size={32} />
            <span className={css.wide}>
              <b>{me.name}</b>
              <small>{second}</small>
            </span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {me.agent && 'registerProtocolHandler' in navigator && (
            <Menu.Item leftSection={<IconPhoneCall size={16} />} onClick={() => navigator.registerProtocolHandler('tel', `${location.origin}/dial?number=%s`)}>
              {t('dial.handle')}
            </Menu.Item>
          )}
          {me.agent && (
            <Menu.CheckboxItem checked={keys} onChange={setKeys} rightSection={<IconKeyboard size={16} aria-hidden />}>
              {t('single_keys')}
            </Menu.CheckboxItem>
          )}
          <Menu.Item leftSection={<IconHelp size={16} />} onClick={() => setHelps(true)}>
            {t('help.open')}
          </Menu.Item>
          {shows(me, 'password') && (
            <Menu.Item leftSection={<IconKey size={16} />} onClick={() => setChanges(true)}>
              {t('auth:password_change')}…
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconDeviceMobile size={16} />} onClick={() => setSecures(true)}>
            {t('auth:second_title')}…
          </Menu.Item>
          <Menu.Item leftSection={<IconDevices size={16} />} onClick={() => setListed(true)}>
            {t('auth:sessions')}…
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut().catch(complain)}>
            {t('logout')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Help agent={me.agent !== null && me.agent !== undefined} opened={helps} onClose={() => setHelps(false)} />
      <Sessions opened={listed} onClose={() => setListed(false)} />
      <SecondFactorDialog me={me} opened={secures} onClose={() => setSecures(false)} />
      <PasswordDialog opened={changes} onClose={() => setChanges(false)} />
    </header>
  );
}
