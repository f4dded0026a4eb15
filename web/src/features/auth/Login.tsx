import { Button, PasswordInput, TextInput } from '@mantine/core';
import { IconDevices } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ApiError, body, type Schemas } from '../../api/client';
import { moment } from '../../shared/format';
import { words } from '../../shared/problem';
import { signIn, useFarewell } from '../../shared/session';
import css from './auth.module.css';
import { CodeStep } from './CodeStep';
import { Frame } from './Frame';

/** First step: name and password; then the code, of whoever has a second factor. */
export function Login() {
  const { t, i18n } = useTranslation('auth');
  const farewell = useFarewell((state) => state.last);
  const ways = useQuery({ queryKey: ['ways'], queryFn: () => api.GET('/api/v1/session/ways').then(body) });
  const provider = ways.data?.provider;
  // Why the provider's answer signed nobody in stands after the #.
  const [came] = useState(() => new URLSearchParams(location.hash.slice(1)).keys().next().value);
  const [proven, prove] = useState<Schemas['Credentials']>();
  const enter = useMutation({
    mutationFn: signIn,
    onError: (error, credentials) => {
      if (error instanceof ApiError && error.code === 'second_factor_needed') {
        prove(credentials);
        enter.reset();
      }
    },
  });

  function submit(event: React.FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    enter.mutate({ login: String(form.get('login')).trim(), password: String(form.get('password')) });
  }

  if (proven) {
    const back = () => {
      prove(undefined);
      enter.reset();
    };
    return <CodeStep error={enter.error} pending={enter.isPending} onCode={(code) => enter.mutate({ ...proven, code })} onBack={back} />;
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
        {came && !enter.isError && !enter.isPending && (
          <p className={css.error} role="alert">
            {words(new ApiError(came, 401, t('not_signed_in')))}
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
        {provider && (
          <>
            <p className={css.or}>{t('or')}</p>
            <Button component="a" href="/api/v1/session/oidc" size="md" variant="default">
              {t('provider', { name: provider })}
            </Button>
          </>
        )}
        <Link to="/forgotten-password" className={css.away}>
          {t('forgot')}
        </Link>
      </form>
    </Frame>
  );
}
