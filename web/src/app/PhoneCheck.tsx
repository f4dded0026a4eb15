import { Button, Modal } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed, IconHeadset } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';

import { usePhone } from '../shared/usePhone';
import { isMute } from '../softphone/phone';
import css from './phone.module.css';
import { Devices, Echo, RingOnce } from './PhoneDevices';
import shell from './shell.module.css';

const KEPT = 'carillon.checked';

/** Whether the check is open, and whether this browser's phone was checked or that was put off. */
const useCheck = create<{ opened: boolean; checked: boolean }>(() => ({ opened: false, checked: localStorage.getItem(KEPT) !== null }));

/** Opens the check of the phone. */
export function askToCheck(): void {
  useCheck.setState({ opened: true });
}

function leave(): void {
  localStorage.setItem(KEPT, new Date().toISOString());
  useCheck.setState({ opened: false, checked: true });
}

/** Before the first shift at a browser: whether microphone, speaker, ringing and notifications work. Offered, never in the way of a call. */
export function PhoneCheck() {
  const { t } = useTranslation(['shell', 'common']);
  const { opened, checked } = useCheck();
  const insecure = usePhone((phone) => phone.microphone === 'insecure');
  if (insecure) return null;
  return (
    <>
      {!checked && (
        <div className={shell.banner} data-note role="status">
          <IconHeadset size={17} stroke={1.8} aria-hidden />
          {t('check.offer')}
          <span className="push" />
          <Button size="xs" onClick={askToCheck}>
            {t('check.open')}
          </Button>
          <Button size="xs" variant="default" onClick={leave}>
            {t('check.later')}
          </Button>
        </div>
      )}
      <Modal opened={opened} onClose={() => useCheck.setState({ opened: false })} title={t('check.title')} size={520} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {opened && <Steps />}
      </Modal>
    </>
  );
}

function Steps() {
  const { t } = useTranslation('shell');
  const registration = usePhone((phone) => phone.registration);
  const microphone = usePhone((phone) => phone.microphone);
  const trouble = isMute(microphone) ? microphone : registration === 'lost' || registration === 'refused' ? registration : null;
  const [played, setPlayed] = useState(false);
  const [heard, setHeard] = useState(false);
  const [rung, setRung] = useState(false);
  const [rang, setRang] = useState(false);
  const [permission, permit] = useState<NotificationPermission>(() => ('Notification' in window ? Notification.permission : 'denied'));
  const standing = isMute(microphone) ? microphone : registration;
  const done = registration === 'registered' && heard && rang && permission !== 'default';
  return (
    <>
      <p className="meta">{t('check.hint')}</p>
      <ul className={css.check}>
        <Step name={t('check.connection')} done={registration === 'registered' && trouble === null}>
          <p>{trouble ? t(`phone_bar.trouble.${trouble}`) : t(`phone_bar.standing.${standing}`)}</p>
        </Step>
        <Step name={t('check.microphone')} done={heard}>
          <p>{t('check.microphone_hint')}</p>
          <div className={css.devices}>
            <Devices />
            <Echo onHeard={() => setPlayed(true)} />
            {played && !heard && (
              <Button size="xs" onClick={() => setHeard(true)}>
                {t('check.heard')}
              </Button>
            )}
          </div>
        </Step>
        <Step name={t('check.ring')} done={rang}>
          <p>{t('check.ring_hint')}</p>
          <div className={css.tests}>
            <RingOnce onRung={() => setRung(true)} />
            {rung && !rang && (
              <Button size="xs" onClick={() => setRang(true)}>
                {t('check.rang')}
              </Button>
            )}
          </div>
        </Step>
        <Step name={t('check.notify')} done={permission === 'granted'}>
          <p>{t(permission === 'granted' ? 'check.allowed' : permission === 'denied' ? 'check.denied' : 'check.notify_hint')}</p>
          {permission === 'default' && (
            <Button size="xs" variant="default" onClick={() => void Notification.requestPermission().then(permit)}>
              {t('check.allow')}
            </Button>
          )}
        </Step>
      </ul>
      <Button fullWidth variant={done ? 'filled' : 'default'} onClick={leave}>
        {t(done ? 'check.finish' : 'check.skip')}
      </Button>
    </>
  );
}

function Step({ name, done, children }: { name: string; done: boolean; children: ReactNode }) {
  const { t } = useTranslation('shell');
  const Icon = done ? IconCircleCheck : IconCircleDashed;
  return (
    <li data-done={done || undefined}>
      <Icon size={22} stroke={1.7} role="img" aria-label={t(done ? 'check.done' : 'check.open_left')} />
      <div>
        <b>{name}</b>
        {children}
      </div>
    </li>
  );
}
