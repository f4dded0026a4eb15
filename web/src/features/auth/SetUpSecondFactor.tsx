import { Button, Code, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { renderSVG } from 'uqr';

import { api, ApiError, body } from '../../api/client';
import { fieldWords, words } from '../../shared/problem';
import { sessionChanged } from '../../shared/session';
import css from './auth.module.css';
import { CodeInput } from './CodeInput';
import { RecoveryCodes } from './RecoveryCodes';

/** The password, the secret to scan, the first code, and then the recovery codes. */
export function SetUpSecondFactor({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('auth');
  const begin = useMutation({ mutationFn: (current: string) => api.POST('/api/v1/me/second-factor', { body: { current } }).then(body) });
  const confirm = useMutation({ mutationFn: (code: string) => api.POST('/api/v1/me/second-factor/confirm', { body: { code } }).then(body) });
  const fields = (error: Error | null) => (error instanceof ApiError && error.fields.length > 0 ? error.fields.map((field) => fieldWords(field.message)).join(' ') : undefined);
  const finish = () => void sessionChanged().then(onDone);
  if (confirm.data) return <RecoveryCodes codes={confirm.data.codes} onDone={finish} />;
  const said = (error: Error | null) =>
    error && !fields(error) && (
      <p className={css.error} role="alert">
        {words(error)}
      </p>
    );
  if (!begin.data) {
    return (
      <form
        key="begin"
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          begin.mutate(String(new FormData(event.currentTarget).get('current')));
        }}
      >
        <p>{t('second_what')}</p>
        {said(begin.error)}
        <PasswordInput name="current" label={t('password_current')} autoComplete="current-password" required withAsterisk={false} error={fields(begin.error)} data-autofocus autoFocus />
        <Button type="submit" loading={begin.isPending}>
          {t('second_begin')}
        </Button>
      </form>
    );
  }
  return (
    <form
      key="confirm"
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate(String(new FormData(event.currentTarget).get('code')).trim());
      }}
    >
      <p>{t('second_scan')}</p>
      <img className={css.qr} alt={t('second_qr')} src={`data:image/svg+xml,${encodeURIComponent(renderSVG(begin.data.address, { border: 2 }))}`} />
      <Code block tabIndex={0} aria-label={t('second_secret')} data-testid="secret">
        {begin.data.secret.replace(/(.{4})(?!$)/g, '$1 ')}
      </Code>
      {said(confirm.error)}
      <CodeInput error={fields(confirm.error)} />
      <Button type="submit" loading={confirm.isPending}>
        {t('second_confirm')}
      </Button>
    </form>
  );
}
