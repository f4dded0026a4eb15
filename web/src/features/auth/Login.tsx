import { Button, PasswordInput, TextInput } from '@mantine/core';
import { IconDevices } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { moment } from '../../shared/format';
import { words } from '../../shared/problem';
import { signIn, useFarewell } from '../../shared/session';
import css from './auth.module.css';
import { Frame } from './Frame';

/** First step: name and password. */
export function Login() {
  const { t, i18n } = useTranslation('auth');
  const farewell = useFarewell((state) => state.last);
  const enter = useMutation({ mutationFn: signIn });

  function submit(event: React.FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    enter.mutate({ login: String(form.get('login')).trim(), password: String(form.get('password')) });
  }

  return (
    <Frame step={1} title={t('title')} hint={t('subtitle')}>
      <form className={css.form} onSubmit={submit}>
        {farewell && !enter.isError && (
          <p className={css.note} role="status">
            <IconDevices size={20} stroke={1.7} aria-hidden />
            {t('taken_over', { name: farewell.name, from: farewell.from, at: moment(farewell.at, i18n.language) })}
          </p>
        )}
        {enter.isError && (
          <p className={css.error} role="alert">
            {words(enter.error)}
          </p>
        )}
        <TextInput name="login" label={t('login')} autoComplete="username" autoCapitalize="none" spellCheck={false} required withAsterisk={false} data-autofocus autoFocus size="md" />
        <PasswordInput name="password" label={t('password')} autoComplete="current-password" required withAsterisk={false} size="md" />
        <Button type="submit" size="md" loading={enter.isPending} mt={6}>
          {t('submit')}
        </Button>
      </form>
    </Frame>
  );
}
