import { IconLayoutDashboard, IconMicrophone, IconPhone, IconPhoneX, IconSettings } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { Me } from '../api/client';
import { useToday } from '../features/dashboard/today';
import { duration } from '../shared/format';
import { shows } from '../shared/parts';
import { useDesk } from '../shared/useDesk';
import css from './shell.module.css';

const ICON = { size: 18, stroke: 1.7 };

/** Where one can go, and the shift so far. */
export function Rail({ me }: { me: Me }) {
  const { t } = useTranslation('shell');
  const home = me.role === 'agent' ? 'dashboard' : 'live';
  const waiting = useDesk((desk) => desk.waiting?.length ?? 0);
  const today = useToday();
  const phone = useDesk((desk) => desk.me?.agent?.phone);
  return (
    <nav className={css.rail} aria-label={t('nav')}>
      <Link to="/" className={css.brand} aria-label={t('home')}>
        <img src="/icon.svg" alt="" />
        <span>{t('product')}</span>
      </Link>
      <Link to="/" className={css.link} title={t(home)} activeOptions={{ exact: true }}>
        <IconLayoutDashboard {...ICON} aria-hidden />
        <span>{t(home)}</span>
        {waiting > 0 && <span className={css.badge}>{waiting}</span>}
      </Link>
      {(['calls', 'abandoned_calls', 'recordings'] as const).some((part) => shows(me, part)) && <p className={css.group}>{t('voice')}</p>}
      {shows(me, 'calls') && (
        <Link to="/calls" className={css.link} title={t('calls')}>
          <IconPhone {...ICON} aria-hidden />
          <span>{t('calls')}</span>
        </Link>
      )}
      {shows(me, 'abandoned_calls') && (
        <Link to="/abandoned" className={css.link} title={t('abandoned')}>
          <IconPhoneX {...ICON} aria-hidden />
          <span>{t('abandoned')}</span>
        </Link>
      )}
      {shows(me, 'recordings') && (
        <Link to="/recordings" className={css.link} title={t('recordings')}>
          <IconMicrophone {...ICON} aria-hidden />
          <span>{t('recordings')}</span>
        </Link>
      )}
      {me.role === 'admin' && (
        <>
          <p className={css.group}>{t('administration')}</p>
          <Link to="/settings" className={css.link} title={t('settings')}>
            <IconSettings {...ICON} aria-hidden />
            <span>{t('settings')}</span>
          </Link>
        </>
      )}
      <dl className={css.shift}>
        {me.agent && (
          <>
            <dt>{t('phone')}</dt>
            <dd>{phone ?? t('no_phone')}</dd>
          </>
        )}
        <dt>{t('answered_today')}</dt>
        <dd>{today.data ? today.data.answered : '–'}</dd>
        <dt>{t('average_talk')}</dt>
        <dd>{today.data?.answered ? duration(today.data.talk_ms / today.data.answered) : '–'}</dd>
      </dl>
    </nav>
  );
}
