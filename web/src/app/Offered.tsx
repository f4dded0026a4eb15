import { IconDeviceLandlinePhone, IconPhoneX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, body } from '../api/client';
import { complain } from '../shared/problem';
import css from './shell.module.css';

/** A call that rings: it is answered on the telephone, or declined here. */
export function Offered({ phone, offer }: { phone: string; offer: string | null | undefined }) {
  const { t } = useTranslation('shell');
  const decline = useMutation({ mutationFn: (id: string) => api.POST('/api/v1/offers/{id}/decline', { params: { path: { id } } }).then(body), onError: complain });
  const declining = decline.isPending || (decline.isSuccess && decline.variables === offer);
  return (
    <>
      <span className={css.answer} role="status">
        <IconDeviceLandlinePhone size={18} stroke={1.7} aria-hidden />
        {t('dock.answer_on', { phone })}
      </span>
      <button type="button" className={css.quiet} disabled={!offer || declining} onClick={() => offer && decline.mutate(offer)}>
        <IconPhoneX size={18} stroke={1.8} aria-hidden />
        {t(declining ? 'dock.declining' : 'dock.decline')}
      </button>
    </>
  );
}
