import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ApiError, body, type Me } from '../../api/client';
import { fieldWords, words } from '../../shared/problem';
import { sessionChanged } from '../../shared/session';
import css from './auth.module.css';
import { CodeInput } from './CodeInput';
import { RecoveryCodes } from './RecoveryCodes';
import { SetUpSecondFactor } from './SetUpSecondFactor';

/** The own second factor: set up where there is none; else other recovery codes, or off. */
export function SecondFactor({ me, onDone }: { me: Me; onDone: () => void }) {
  // What is shown once must not vanish because the server tells that it is on.
  const [wasOn] = useState(me.second_factor.on);
  return wasOn ? <Change me={me} onDone={onDone} /> : <SetUpSecondFactor onDone={onDone} />;
}

function Change({ me, onDone }: { me: Me; onDone: () => void }) {
  const { t } = useTranslation('auth');
  const [act, choose] = useState<'renew' | 'off'>('renew');
  const renew = useMutation({ mutationFn: (code: string) => api.POST('/api/v1/me/second-factor/recovery-codes', { body: { code } }).then(body), onSuccess: sessionChanged });
  const off = useMutation({
    mutationFn: (code: string) => api.POST('/api/v1/me/second-factor/off', { body: { code } }).then(body),
    onSuccess: async () => {
      await sessionChanged();
      onDone();
    },
  });
  if (renew.data) return <RecoveryCodes codes={renew.data.codes} onDone={onDone} />;
  const error = renew.error ?? off.error;
  const wrong = error instanceof ApiError ? error.fields.find((field) => field.field === 'code') : undefined;
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        const code = String(new FormData(event.currentTarget).get('code')).trim();
        renew.reset();
        off.reset();
        (act === 'renew' ? renew : off).mutate(code);
      }}
    >
      <p>{t('second_on', { count: me.second_factor.recovery_codes })}</p>
      {error && !wrong && (
        <p className={css.error} role="alert">
          {words(error)}
        </p>
      )}
      <CodeInput error={wrong && fieldWords(wrong.message)} />
      <div className={css.row}>
        <Button type="submit" variant="default" loading={renew.isPending} onClick={() => choose('renew')}>
          {t('second_renew')}
        </Button>
        {!me.second_factor.required && (
          <Button type="submit" color="var(--end)" loading={off.isPending} onClick={() => choose('off')}>
            {t('second_off')}
          </Button>
        )}
      </div>
      {me.second_factor.required && <p className="meta">{t('second_required')}</p>}
    </form>
  );
}
