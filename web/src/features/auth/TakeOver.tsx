import { Button } from '@mantine/core';
import { IconDevices } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { Schemas } from '../../api/client';
import { fully } from '../../shared/format';
import { complain, words } from '../../shared/problem';
import { signOut, takeOver } from '../../shared/session';
import css from './auth.module.css';
import { Frame } from './Frame';

/** Instead of the second step, for an agent who is at work at another desktop: go on here, or leave it there. */
export function TakeOver({ elsewhere }: { elsewhere: Schemas['Elsewhere'] }) {
  const { t, i18n } = useTranslation('auth');
  const take = useMutation({ mutationFn: takeOver });
  const phone = elsewhere.phone ?? '';
  return (
    <Frame step={2} title={t('elsewhere_title')} hint={t('elsewhere_hint')}>
      <div className={css.form}>
        {take.isError && (
          <p className={css.error} role="alert">
            {words(take.error)}
          </p>
        )}
        <p className={css.note}>
          <IconDevices size={20} stroke={1.7} aria-hidden />
          {elsewhere.since ? t('elsewhere_since', { phone, since: fully(elsewhere.since, i18n.language) }) : t('elsewhere_phone', { phone })}
        </p>
        <div className={css.row}>
          <Button variant="default" size="md" onClick={() => void signOut().catch(complain)}>
            {t('elsewhere_leave')}
          </Button>
          <Button size="md" style={{ flex: 1 }} loading={take.isPending} onClick={() => take.mutate()} autoFocus>
            {t('elsewhere_take')}
          </Button>
        </div>
      </div>
    </Frame>
  );
}
