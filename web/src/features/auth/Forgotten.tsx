import { Button, TextInput } from '@mantine/core';
import { IconMail, IconMailOff } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import { words } from '../../shared/problem';
import css from './auth.module.css';
import { Frame } from './Frame';

/** Who forgot the password asks for a link by mail. Where the site sends none, that is said. */
export function Forgotten() {
  const { t } = useTranslation('auth');
  const ways = useQuery({ queryKey: ['ways'], queryFn: () => api.GET('/api/v1/session/ways').then(body) });
  const send = useMutation({ mutationFn: (email: string) => api.POST('/api/v1/session/forgotten-password', { body: { email } }).then(body) });
  const none = ways.data?.mail === false;
  return (
    <Frame title={t('forgot_title')} hint={none ? '' : t('forgot_hint')}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate(String(new FormData(event.currentTarget).get('email')).trim());
        }}
      >
        {none && (
          <p className={css.note} role="status">
            <IconMailOff size={20} stroke={1.7} aria-hidden />
            {t('forgot_none')}
          </p>
        )}
        {send.isSuccess && (
          <p className={css.note} role="status">
            <IconMail size={20} stroke={1.7} aria-hidden />
            {t('forgot_sent')}
          </p>
        )}
        {send.isError && (
          <p className={css.error} role="alert">
            {words(send.error)}
          </p>
        )}
        {!none && (
          <>
            <TextInput name="email" type="email" label={t('email')} autoComplete="email" required withAsterisk={false} autoFocus size="md" />
            <Button type="submit" size="md" loading={send.isPending}>
              {t('forgot_send')}
            </Button>
          </>
        )}
        <Link to="/login" className={css.away}>
          {t('back')}
        </Link>
      </form>
    </Frame>
  );
}
