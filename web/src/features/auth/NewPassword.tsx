import { Button, PasswordInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../../api/client';
import { fieldWords, words } from '../../shared/problem';
import { changePassword } from '../../shared/session';
import css from './auth.module.css';

interface NewPasswordProps {
  /** The act, as a verb. */
  act: string;
  /** What else can be done. */
  other: string;
  onOther: () => void;
  onDone: () => void;
}

/** The password now and, twice, the one from now on. The server knows the rules; what it says stands at the field. */
export function NewPassword({ act, other, onOther, onDone }: NewPasswordProps) {
  const { t } = useTranslation('auth');
  const [differs, setDiffers] = useState(false);
  const change = useMutation({
    mutationFn: changePassword,
    onSuccess: () => {
      notifications.show({ message: t('password_changed'), withBorder: true });
      onDone();
    },
  });
  const of = (field: string): string | undefined => {
    if (!(change.error instanceof ApiError)) return undefined;
    const said = change.error.fields.filter((wrong) => wrong.field === field).map((wrong) => fieldWords(wrong.message));
    return said.length > 0 ? said.join(' ') : undefined;
  };

  function submit(event: React.FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [current, wanted, again] = ['current', 'new', 'again'].map((name) => String(form.get(name)));
    setDiffers(wanted !== again);
    if (wanted === again) change.mutate({ current: current!, new: wanted! });
  }

  return (
    <form className={css.form} onSubmit={submit}>
      {change.isError && !of('current') && !of('new') && (
        <p className={css.error} role="alert">
          {words(change.error)}
        </p>
      )}
      <PasswordInput name="current" label={t('password_current')} autoComplete="current-password" required withAsterisk={false} error={of('current')} data-autofocus autoFocus />
      <PasswordInput name="new" label={t('password_new')} autoComplete="new-password" required withAsterisk={false} error={of('new')} />
      <PasswordInput name="again" label={t('password_again')} autoComplete="new-password" required withAsterisk={false} error={differs ? t('password_differs') : undefined} />
      <div className={css.row}>
        <Button variant="default" onClick={onOther}>
          {other}
        </Button>
        <Button type="submit" style={{ flex: 1 }} loading={change.isPending}>
          {act}
        </Button>
      </div>
    </form>
  );
}
