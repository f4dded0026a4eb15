import { Button, PasswordInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ApiError, body } from '../../api/client';
import { fieldWords, words } from '../../shared/problem';
import { sessionChanged } from '../../shared/session';
import css from './auth.module.css';
import { Frame } from './Frame';

/** Where the link of a letter leads: the new password, twice. The link's secret stands after the #, which no server sees. */
export function ByLink() {
  const { t } = useTranslation('auth');
  const navigate = useNavigate();
  const [token] = useState(() => location.hash.slice(1));
  const [differs, setDiffers] = useState(false);
  const set = useMutation({
    mutationFn: (wanted: string) => api.POST('/api/v1/session/new-password', { body: { token, new: wanted } }).then(body),
    onSuccess: async () => {
      notifications.show({ message: t('by_link_done'), withBorder: true });
      await navigate({ to: '/login', hash: '', replace: true });
      await sessionChanged();
    },
  });
  const wrong = set.error instanceof ApiError ? set.error.fields.map((field) => fieldWords(field.message)).join(' ') : '';
  const used = set.error instanceof ApiError && set.error.code === 'link_used';

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [wanted, again] = ['new', 'again'].map((name) => String(form.get(name)));
    setDiffers(wanted !== again);
    if (wanted === again) set.mutate(wanted!);
  }

  return (
    <Frame title={t('by_link_title')} hint={t('by_link_hint')}>
      <form className={css.form} onSubmit={submit}>
        {set.isError && !wrong && (
          <p className={css.error} role="alert">
            {words(set.error)}
          </p>
        )}
        <PasswordInput name="new" label={t('password_new')} autoComplete="new-password" required withAsterisk={false} error={wrong || undefined} autoFocus />
        <PasswordInput name="again" label={t('password_again')} autoComplete="new-password" required withAsterisk={false} error={differs ? t('password_differs') : undefined} />
        <Button type="submit" size="md" loading={set.isPending}>
          {t('by_link_set')}
        </Button>
        <Link to={used ? '/forgotten-password' : '/login'} className={css.away}>
          {t(used ? 'by_link_again' : 'back')}
        </Link>
      </form>
    </Frame>
  );
}
