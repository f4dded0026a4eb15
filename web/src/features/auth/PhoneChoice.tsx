import { Button, NativeSelect, Skeleton } from '@mantine/core';
import { IconDeviceLandlinePhone, IconPlugConnectedX } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ApiError, body, type Me } from '../../api/client';
import { Failed } from '../../shared/Failed';
import { shows } from '../../shared/parts';
import { complain, words } from '../../shared/problem';
import { choosePhone, sessionChanged, signOut } from '../../shared/session';
import { Empty } from '../../ui/Empty';
import { StateLed } from '../../ui/Pill';
import css from './auth.module.css';
import { Frame } from './Frame';

/** Second step: one of the telephones that are registered and nobody's. Others appear by themselves. */
export function PhoneChoice({ me }: { me: Me }) {
  const { t } = useTranslation('auth');
  const phones = useQuery({
    queryKey: ['phones', 'available'],
    queryFn: () => api.GET('/api/v1/phones', { params: { query: { available: true } } }).then(body),
    // Nobody at the door hears the live stream.
    refetchInterval: 2000,
  });
  // A supervisor's log-out ends the session too: then there is nothing to choose.
  const ended = phones.error instanceof ApiError && phones.error.status === 401;
  useEffect(() => {
    if (ended) void sessionChanged();
  }, [ended]);
  const [wanted, choose] = useState<string>();
  const start = useMutation({ mutationFn: choosePhone, onError: () => void phones.refetch() });
  const pauses = useQuery({ queryKey: ['pauses'], queryFn: () => api.GET('/api/v1/pauses').then(body) });
  const [begins, begin] = useState<string>();
  const usual = pauses.data?.find((known) => known.default)?.name;
  const mayPause = shows(me, 'pause');
  const pause = begins ?? (me.agent?.logs_in_paused ? (usual ?? '') : '');
  const found = phones.data ?? [];
  const chosen = found.some((phone) => phone.name === wanted) ? wanted : found[0]?.name;

  return (
    <Frame step={2} title={t('phone_title')} hint={t('phone_hint')}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen) start.mutate({ phone: chosen, pause: mayPause ? pause || null : undefined });
        }}
      >
        {start.isError && (
          <p className={css.error} role="alert">
            {words(start.error)}
          </p>
        )}
        {phones.isPending && <Skeleton height={58} radius={10} aria-label={t('phone_waiting')} />}
        {phones.isError && <Failed error={phones.error} onRetry={() => void phones.refetch()} />}
        {phones.isSuccess && found.length === 0 && <Empty icon={<IconPlugConnectedX size={28} stroke={1.6} />} title={t('phone_none')} hint={t('phone_none_hint')} />}
        {found.length > 0 && (
          <fieldset className={css.phones}>
            <legend className="sr-only">{t('phone_title')}</legend>
            {found.map((phone) => (
              <label key={phone.name} className={css.phone}>
                <input type="radio" name="phone" value={phone.name} checked={phone.name === chosen} onChange={() => choose(phone.name)} />
                <IconDeviceLandlinePhone size={22} stroke={1.7} />
                <span>
                  <b className="num">{phone.name}</b>
                  <small>{phone.label}</small>
                </span>
                <span>
                  <StateLed state="available" />
                  {t('ready')}
                </span>
              </label>
            ))}
          </fieldset>
        )}
        {mayPause && pauses.isSuccess && (
          <NativeSelect
            label={t('begin')}
            value={pause}
            onChange={(event) => begin(event.currentTarget.value)}
            data={[{ value: '', label: t('begin_ready') }, ...pauses.data.map((known) => ({ value: known.name, label: t('begin_paused', { reason: known.label }) }))]}
          />
        )}
        <div className={css.row}>
          <Button variant="default" size="md" onClick={() => void signOut().catch(complain)}>
            {t('logout')}
          </Button>
          <Button type="submit" size="md" style={{ flex: 1 }} disabled={!chosen} loading={start.isPending}>
            {t('phone_submit')}
          </Button>
        </div>
        <p className="meta">{t('hello', { name: me.name })}</p>
      </form>
    </Frame>
  );
}
