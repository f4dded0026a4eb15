import { Button, Skeleton, TextInput } from '@mantine/core';
import { IconMailOff } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ApiError, body } from '../../api/client';
import { Failed } from '../../shared/Failed';
import css from '../../shared/list.module.css';
import { words } from '../../shared/problem';
import { Empty } from '../../ui/Empty';
import own from './admin.module.css';

/** The mail server that `carillon.toml` names, and whether it takes a letter. */
export function Mail() {
  const { t } = useTranslation('admin');
  const mail = useQuery({ queryKey: ['setup', 'mail'], queryFn: () => api.GET('/api/v1/mail').then(body) });
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{t('mail.title')}</h1>
      </div>
      {mail.isPending && <Skeleton height={120} />}
      {mail.isError && <Failed error={mail.error} onRetry={() => void mail.refetch()} />}
      {mail.data && !mail.data.host && <Empty icon={<IconMailOff size={26} stroke={1.6} />} title={t('mail.none')} hint={t('mail.none_hint')} />}
      {mail.data?.host && (
        <div className={`card ${own.mail}`}>
          <dl>
            <dt>{t('mail.server')}</dt>
            <dd>
              {mail.data.host}:{mail.data.port}
            </dd>
            <dt>{t('mail.from')}</dt>
            <dd>{mail.data.from}</dd>
            <dt>{t('mail.page')}</dt>
            <dd>{mail.data.page}</dd>
          </dl>
          <Test />
        </div>
      )}
    </div>
  );
}

function Test() {
  const { t } = useTranslation('admin');
  const [to, write] = useState('');
  const send = useMutation({ mutationFn: () => api.POST('/api/v1/mail/test', { body: { to } }).then(body) });
  const said = send.error instanceof ApiError && send.error.code === 'mail_refused' ? t('mail.refused', { said: send.error.detail ?? '' }) : send.isError && words(send.error);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <h2>{t('mail.test')}</h2>
      <TextInput type="email" label={t('mail.to')} value={to} onChange={(event) => write(event.currentTarget.value)} error={said} required withAsterisk={false} />
      <Button type="submit" mt={10} loading={send.isPending}>
        {t('mail.send')}
      </Button>
      <p role="status">{send.isSuccess && t('mail.sent')}</p>
    </form>
  );
}
