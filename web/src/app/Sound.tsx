import { IconAlertTriangle, IconMicrophone, IconMicrophoneOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { usePhone } from '../shared/usePhone';
import { orderPhone } from '../softphone/line';
import { Pill } from '../ui/Pill';
import type { Phase } from './atHand';
import { shortcut } from './keys';
import css from './phone.module.css';
import shell from './shell.module.css';

/** How the call of this browser's phone sounds, in a number, and what is wrong with it in words. */
export function Sound({ phase }: { phase: Phase }) {
  const { t } = useTranslation('shell');
  const call = usePhone((phone) => phone.call);
  const quality = usePhone((phone) => phone.quality);
  const warnings = usePhone((phone) => phone.warnings);
  if (call?.state !== 'up') return null;

  // Whoever holds hears nothing, and is not to.
  const told = warnings.filter((warning) => warning !== 'nothing_heard' || phase !== 'held');
  return (
    <>
      {quality && (
        <span className={css.quality} title={t('sound.details', { loss: quality.lossPercent.toFixed(1), jitter: quality.jitterMs.toFixed(0), delay: quality.roundTripMs?.toFixed(0) ?? '–' })}>
          <Pill tone={quality.mos >= 3.8 ? 'ok' : quality.mos >= 3.1 ? 'warn' : 'bad'}>
            {t('sound.mos')} <span className="num">{quality.mos.toFixed(1)}</span>
          </Pill>
        </span>
      )}
      <span role="alert" className={css.warnings}>
        {told.map((warning) => (
          <span key={warning}>
            <IconAlertTriangle size={15} stroke={1.8} aria-hidden /> {t(`sound.${warning}`)}
          </span>
        ))}
      </span>
    </>
  );
}

/** Mutes the microphone of this browser's phone, and takes that back. */
export function Mute() {
  const { t } = useTranslation('shell');
  const muted = usePhone((phone) => phone.muted);
  const up = usePhone((phone) => phone.call?.state === 'up');
  if (!up) return null;
  const Icon = muted ? IconMicrophoneOff : IconMicrophone;
  return (
    <button type="button" className={shell.tool} aria-pressed={muted} data-key="mute" aria-keyshortcuts={shortcut('mute')} title={`${t(muted ? 'dock.unmute' : 'dock.mute')} (${shortcut('mute')})`} onClick={() => orderPhone({ type: 'mute', muted: !muted })}>
      <Icon size={19} stroke={1.7} aria-hidden />
      {t(muted ? 'dock.unmute' : 'dock.mute')}
    </button>
  );
}
