import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import { fully } from '../../shared/format';
import { complain } from '../../shared/problem';
import { Confirm } from '../../ui/Confirm';
import { Pill } from '../../ui/Pill';
import css from './admin.module.css';
import { users } from './users';

/** How signing in stands for one person: locked, disabled, with a second factor; and what can be done about it. */
export function UserStatus({ id }: { id: string }) {
  const { t, i18n } = useTranslation('admin');
  const queries = useQueryClient();
  const [taking, take] = useState(false);
  const found = useQuery({ queryKey: ['setup', users.kind, id], queryFn: () => users.read(id), refetchInterval: 5000 });
  const stale = () => queries.invalidateQueries({ queryKey: ['setup', users.kind] });
  const path = { params: { path: { id } } };
  const unlock = useMutation({
    mutationFn: () => api.DELETE('/api/v1/users/{id}/lock', path).then(body),
    onSuccess: () => notifications.show({ message: t('signing_in.unlocked'), withBorder: true }),
    onError: complain,
    onSettled: stale,
  });
  const takeOff = useMutation({
    mutationFn: () => api.DELETE('/api/v1/users/{id}/second-factor', path).then(body),
    onSuccess: () => take(false),
    onError: complain,
    onSettled: stale,
  });
  const ways = useQuery({ queryKey: ['ways'], queryFn: () => api.GET('/api/v1/session/ways').then(body) });
  const invite = useMutation({
    mutationFn: () => api.POST('/api/v1/users/{id}/invitation', path).then(body),
    onSuccess: () => notifications.show({ message: t('signing_in.invited'), withBorder: true }),
    onError: complain,
  });
  const row = found.data?.raw;
  if (!row) return null;
  const { locked, keypad_locked_until: keypad, second_factor } = row.status;
  const isLocked = locked.length > 0 || Boolean(keypad);
  return (
    <section className={css.below} aria-labelledby="signing-in">
      <h2 id="signing-in">
        {t('signing_in.title')} {row.disabled ? <Pill tone="bad">{t('signing_in.disabled')}</Pill> : isLocked ? <Pill tone="warn">{t('signing_in.locked')}</Pill> : <Pill tone="ok">{t('signing_in.open')}</Pill>}
      </h2>
      <dl className={css.facts}>
        {locked.map(({ address, until }) => (
          <div key={address}>
            <dt>{t('signing_in.locked_from', { address })}</dt>
            <dd>{t('signing_in.until', { at: fully(until, i18n.language) })}</dd>
          </div>
        ))}
        {keypad && (
          <div>
            <dt>{t('signing_in.locked_keypad')}</dt>
            <dd>{t('signing_in.until', { at: fully(keypad, i18n.language) })}</dd>
          </div>
        )}
        <div>
          <dt>{t('signing_in.second_factor')}</dt>
          <dd>{t(second_factor ? 'signing_in.on' : 'signing_in.off')}</dd>
        </div>
      </dl>
      <div className={css.add}>
        {isLocked && (
          <Button variant="default" loading={unlock.isPending} onClick={() => unlock.mutate()}>
            {t('signing_in.unlock')}
          </Button>
        )}
        {ways.data?.mail && row.email && !row.disabled && (
          <Button variant="default" loading={invite.isPending} onClick={() => invite.mutate()}>
            {t('signing_in.invite')}
          </Button>
        )}
        {second_factor && (
          <Button variant="default" onClick={() => take(true)}>
            {t('signing_in.take_off')}
          </Button>
        )}
      </div>
      <Confirm opened={taking} bad title={t('signing_in.take_off_title', { name: row.name })} text={t('signing_in.take_off_text')} act={t('signing_in.take_off')} pending={takeOff.isPending} onAct={() => takeOff.mutate()} onClose={() => take(false)} />
    </section>
  );
}
