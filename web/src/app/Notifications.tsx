import { ActionIcon, Popover } from '@mantine/core';
import { IconAlertTriangle, IconBell, IconBellOff, IconCoffee, IconKey, IconLogout, IconMessage, IconPhoneX, IconUrgent } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type Me, type Schemas } from '../api/client';
import { Dial } from '../shared/Dial';
import { fully, moment } from '../shared/format';
import { useNames } from '../shared/names';
import { queries } from '../shared/queries';
import { alarmWords } from '../shared/troubles';
import { Empty } from '../ui/Empty';
import css from './shell.module.css';

const ICON = { size: 17, stroke: 1.7, 'aria-hidden': true };
type Notice = Schemas['Notice'];

/** What one should see once: missed offers, notes, a pause or a log-out by somebody else, alarms, a password that runs out. */
export function Notifications({ me }: { me: Me }) {
  const { t, i18n } = useTranslation('shell');
  const [opened, open] = useState(false);
  const found = useQuery({ queryKey: ['notifications'], queryFn: () => api.GET('/api/v1/me/notifications').then(body) });
  const see = useMutation({ mutationFn: () => api.POST('/api/v1/me/notifications/seen').then(body), onSuccess: () => queries.invalidateQueries({ queryKey: ['notifications'] }) });
  const unread = found.data?.unread ?? 0;
  const items = found.data?.items ?? [];
  const runsOut = me.password.expires_soon ? me.password.expires_at : undefined;
  const change = (opens: boolean) => {
    open(opens);
    // Seen once it was looked at; while it is open it still says what is new.
    if (!opens && unread > 0) see.mutate();
  };
  return (
    <Popover opened={opened} onChange={change} position="bottom-end" shadow="md" width={360} trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size={32} pos="relative" style={{ overflow: 'visible' }} aria-label={unread > 0 ? t('notices.unread', { count: unread }) : t('notices.title')} aria-expanded={opened} onClick={() => change(!opened)}>
          <IconBell size={18} stroke={1.7} color="var(--ink-2)" />
          {unread > 0 && <span className={`${css.badge} ${css.over}`} data-testid="unread">{unread}</span>}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t('notices.title')}>
        <ul className={css.notices} data-testid="notices">
          {runsOut && (
            <Item icon={<IconKey {...ICON} />} fresh title={t('notices.password')}>
              {t('notices.password_text', { at: fully(runsOut, i18n.language) })}
            </Item>
          )}
          {items.map((notice, place) => (
            <One key={notice.id} notice={notice} fresh={place < unread} />
          ))}
        </ul>
        {items.length === 0 && !runsOut && <Empty icon={<IconBellOff size={24} stroke={1.6} />} title={t('notices.none')} hint={t('notices.none_hint')} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function One({ notice, fresh }: { notice: Notice; fresh: boolean }) {
  const { t, i18n } = useTranslation('shell');
  const names = useNames();
  const at = moment(notice.at, i18n.language);
  switch (notice.kind) {
    case 'missed_offer':
      return (
        <Item icon={<IconPhoneX {...ICON} />} fresh={fresh} title={t('notices.missed')} at={at}>
          {notice.caller_name && `${notice.caller_name} · `}
          <Dial number={notice.caller} />
          {notice.queue && ` · ${names.queue(notice.queue)}`}
        </Item>
      );
    case 'paused_after_misses':
      return <Item icon={<IconCoffee {...ICON} />} fresh={fresh} title={t('notices.paused')} at={at} />;
    case 'note':
      return (
        <Item icon={<IconMessage {...ICON} />} fresh={fresh} title={t('notices.note', { name: notice.from })} at={at}>
          {notice.text}
        </Item>
      );
    case 'logged_out':
      return <Item icon={<IconLogout {...ICON} />} fresh={fresh} title={t(notice.by === 'supervisor' ? 'notices.logged_out' : 'notices.released')} at={at} />;
    case 'alarm':
      return (
        <Item icon={<IconAlertTriangle {...ICON} />} fresh={fresh} title={t('notices.alarm')} at={at}>
          {alarmWords(notice.alarm, notice.causes)}
        </Item>
      );
    case 'emergency':
      return (
        <Item icon={<IconUrgent {...ICON} />} fresh={fresh} title={t('notices.emergency', { number: notice.number })} at={at}>
          <Link to="/calls/$id" params={{ id: notice.call }}>
            {t('notices.show_call')}
          </Link>
        </Item>
      );
  }
}

function Item({ icon, title, at, fresh, children }: { icon: ReactNode; title: string; at?: string; fresh: boolean; children?: ReactNode }) {
  return (
    <li data-fresh={fresh || undefined}>
      {icon}
      <div>
        <b>{title}</b>
        {children && <span>{children}</span>}
      </div>
      {at && <time className="meta">{at}</time>}
    </li>
  );
}
