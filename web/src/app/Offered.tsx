import { IconDeviceLandlinePhone, IconPhoneCall, IconPhoneX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, body } from '../api/client';
import { complain } from '../shared/problem';
import { useDesk } from '../shared/useDesk';
import { usePhone } from '../shared/usePhone';
import { orderPhone } from '../softphone/line';
import { shortcut } from './keys';
import { order } from './orders';
import css from './shell.module.css';

/** A call that rings: it is answered on the telephone or, where the page is one, here; or declined. */
export function Offered({ phone, offer }: { phone: string; offer: string | null | undefined }) {
  const { t } = useTranslation('shell');
  const decline = useMutation({ mutationFn: (id: string) => api.POST('/api/v1/offers/{id}/decline', { params: { path: { id } } }).then(body), onError: complain });
  const declining = decline.isPending || (decline.isSuccess && decline.variables === offer);
  return (
    <>
      <Answer phone={phone} />
      <button type="button" className={css.quiet} disabled={!offer || declining} onClick={() => offer && decline.mutate(offer)}>
        <IconPhoneX size={18} stroke={1.8} aria-hidden />
        {t(declining ? 'dock.declining' : 'dock.decline')}
      </button>
    </>
  );
}

/** A colleague calls, or asks: it is answered as any other; declined, it is the colleague's again. */
export function Called({ phone, call }: { phone: string; call: string }) {
  const { t } = useTranslation('shell');
  const decline = useMutation({ mutationFn: order.hangUp, onError: complain });
  const declining = decline.isPending || (decline.isSuccess && decline.variables === call);
  return (
    <>
      <Answer phone={phone} />
      <button type="button" className={css.quiet} disabled={declining} data-key="end" aria-keyshortcuts={shortcut('end')} title={`${t('dock.decline')} (${shortcut('end')})`} onClick={() => decline.mutate(call)}>
        <IconPhoneX size={18} stroke={1.8} aria-hidden />
        {t(declining ? 'dock.declining' : 'dock.decline')}
      </button>
    </>
  );
}

/** Where a call is answered: here, or on the telephone that rings. */
export function Answer({ phone }: { phone: string }) {
  const { t } = useTranslation('shell');
  const isPage = useDesk((desk) => desk.me?.agent?.typology === 'webrtc');
  const call = usePhone((line) => line.call?.state);
  if (!isPage) {
    return (
      <span className={css.answer} role="status">
        <IconDeviceLandlinePhone size={18} stroke={1.7} aria-hidden />
        {t('dock.answer_on', { phone })}
      </span>
    );
  }
  return (
    <button type="button" className={css.accept} disabled={call !== 'ringing'} data-key="answer" aria-keyshortcuts={shortcut('answer')} title={`${t('dock.answer')} (${shortcut('answer')})`} onClick={() => orderPhone({ type: 'answer' })}>
      <IconPhoneCall size={18} stroke={1.8} aria-hidden />
      {t(call === 'answering' ? 'dock.answering' : 'dock.answer')}
    </button>
  );
}
