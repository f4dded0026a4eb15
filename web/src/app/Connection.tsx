import { IconPlugConnectedX, IconWifiOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useNow } from '../shared/clock';
import { duration } from '../shared/format';
import { useDesk } from '../shared/useDesk';
import { usePhone } from '../shared/usePhone';
import { isMute } from '../softphone/phone';
import css from './shell.module.css';

/** What keeps calls or news from coming: said at once, gone by itself. */
export function Connection() {
  const { t } = useTranslation('shell');
  const lost = useDesk((desk) => desk.connection === 'lost');
  const unreachable = useDesk((desk) => desk.me?.agent?.state === 'unreachable');
  const phone = useDesk((desk) => desk.me?.agent?.phone) ?? '';
  const isPage = useDesk((desk) => desk.me?.agent?.typology === 'webrtc');
  const trouble = usePhone((line) => (isMute(line.microphone) ? line.microphone : line.registration === 'lost' || line.registration === 'refused' ? line.registration : null));
  return (
    <>
      {lost && <Lost />}
      {(isPage ? trouble : unreachable) && (
        <div className={css.banner} data-bad role="alert">
          <IconPlugConnectedX size={17} stroke={1.8} aria-hidden />
          {isPage ? trouble && t(`phone_bar.trouble.${trouble}`) : t('unreachable', { phone })}
        </div>
      )}
    </>
  );
}

function Lost() {
  const { t } = useTranslation('shell');
  const heard = useDesk((desk) => desk.heard);
  const now = useNow();
  return (
    <div className={css.banner} role="status">
      <IconWifiOff size={17} stroke={1.8} aria-hidden />
      {t('lost')} {heard > 0 && <span aria-live="off">{t('lost_age', { age: duration(now - heard) })}</span>}
    </div>
  );
}
