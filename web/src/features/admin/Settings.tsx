import { IconLock } from '@tabler/icons-react';
import { Link, Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { useDesk } from '../../shared/useDesk';
import { Empty } from '../../ui/Empty';
import css from './admin.module.css';
import { GROUPS } from './registry';

/** What an administrator sets up: the kinds on the left, the chosen one beside them. */
export function Settings() {
  const { t } = useTranslation('admin');
  const role = useDesk((desk) => desk.me?.role);
  if (role !== undefined && role !== 'admin') return <Empty icon={<IconLock size={26} stroke={1.6} />} title={t('not_allowed')} hint={t('not_allowed_hint')} />;
  return (
    <div className={css.settings}>
      <nav className={css.menu} aria-label={t('menu')}>
        {GROUPS.map(({ group, resources }) => (
          <div key={group}>
            <p>{t(`groups.${group}`)}</p>
            {resources.map(({ kind }) => (
              <Link key={kind} to="/settings/$kind" params={{ kind }} className={css.item}>
                {t(`kinds.${kind as 'users'}.title`)}
              </Link>
            ))}
            {group === 'people' && (
              <>
                <Link to="/settings/$kind" params={{ kind: 'accounts' }} className={css.item}>
                  {t('accounts.title')}
                </Link>
                <Link to="/settings/$kind" params={{ kind: 'mail' }} className={css.item}>
                  {t('mail.title')}
                </Link>
              </>
            )}
            {group === 'voice' && (
              <Link to="/settings/$kind" params={{ kind: 'sounds' }} className={css.item}>
                {t('sounds.title')}
              </Link>
            )}
          </div>
        ))}
        <div>
          <p>{t('groups.software')}</p>
          <Link to="/settings/$kind" params={{ kind: 'api-keys' }} className={css.item}>
            {t('keys.title')}
          </Link>
        </div>
        <div>
          <p>{t('groups.log')}</p>
          <Link to="/settings/audit" className={css.item}>
            {t('audit.title')}
          </Link>
        </div>
      </nav>
      <div className={css.content}>
        <Outlet />
      </div>
    </div>
  );
}
