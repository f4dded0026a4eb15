import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import { Failed } from '../../shared/Failed';
import css from '../../shared/list.module.css';
import own from './admin.module.css';

/** How people sign in, as `carillon.toml` says: seen here, changed there. */
export function SigningIn() {
  const { t } = useTranslation('admin');
  const accounts = useQuery({ queryKey: ['setup', 'accounts'], queryFn: () => api.GET('/api/v1/accounts').then(body) });
  const said = accounts.data;
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{t('accounts.title')}</h1>
      </div>
      {accounts.isPending && <Skeleton height={160} />}
      {accounts.isError && <Failed error={accounts.error} onRetry={() => void accounts.refetch()} />}
      {said && (
        <div className={`card ${own.mail}`}>
          <dl>
            <dt>{t('accounts.suite')}</dt>
            <dd>{t(said.security_suite ? 'accounts.suite_on' : 'accounts.suite_off')}</dd>
            <dt>{t('signing_in.second_factor')}</dt>
            <dd>{t(`accounts.asked_of.${said.second_factor as 'nobody'}`)}</dd>
            <dt>{t('signing_in.locked')}</dt>
            <dd>{t('accounts.locks', { count: said.lock_after, minutes: said.lock_minutes })}</dd>
            <dt>{t('accounts.provider')}</dt>
            <dd>{said.provider ?? t('accounts.none')}</dd>
            <dt>{t('accounts.numbers')}</dt>
            <dd>{said.agent_numbers ?? t('accounts.none')}</dd>
          </dl>
          <p className="meta">{t('accounts.where')}</p>
        </div>
      )}
    </div>
  );
}
