import { Button, Popover, Progress, Select } from '@mantine/core';
import { IconSettings } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { usePhone } from '../shared/usePhone';
import { choose, chosen, devices, find, route, type Chosen, type Role } from '../softphone/devices';
import { orderPhone } from '../softphone/line';
import { listen } from '../softphone/microphone';
import { isMute } from '../softphone/phone';
import { Ringer, RINGTONES, ringtone, setRingtone, type Ringtone } from '../softphone/ringer';
import { StateLed } from '../ui/Pill';
import css from './phone.module.css';

const ROLES: Role[] = ['microphone', 'speaker', 'ring'];

/** How the phone stands, in a word; behind it its devices, a test of them, and how it rings. */
export function PhoneMenu() {
  const { t } = useTranslation('shell');
  const registration = usePhone((phone) => phone.registration);
  const microphone = usePhone((phone) => phone.microphone);
  const trouble = isMute(microphone) ? microphone : registration;
  return (
    <Popover position="bottom-end" shadow="md" width={320} trapFocus withArrow>
      <Popover.Target>
        <button type="button" className={css.standing} aria-label={`${t('phone_bar.settings')}: ${t(`phone_bar.standing.${trouble}`)}`}>
          <StateLed state={trouble === 'registered' ? 'available' : trouble === 'off' || trouble === 'connecting' ? 'wrap_up' : 'unreachable'} />
          <span data-testid="registration">{t(`phone_bar.standing.${trouble}`)}</span>
          <IconSettings size={16} stroke={1.7} aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('phone_bar.settings')}>
        {microphone === 'insecure' ? t('phone_bar.trouble.insecure') : <Devices />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Devices() {
  const { t } = useTranslation('shell');
  const [there, know] = useState<Record<Role, Chosen[]>>({ microphone: [], speaker: [], ring: [] });
  const [taken, take] = useState(chosen);
  const [tone, setTone] = useState(ringtone);
  useEffect(() => {
    const look = () => void Promise.all(ROLES.map(devices)).then(([microphone = [], speaker = [], ring = []]) => know({ microphone, speaker, ring }));
    look();
    navigator.mediaDevices.addEventListener('devicechange', look);
    return () => navigator.mediaDevices.removeEventListener('devicechange', look);
  }, []);

  function pick(role: Role, id: string | null) {
    choose(role, there[role].find((device) => device.id === id) ?? null);
    take(chosen());
    orderPhone({ type: 'devices' });
  }

  return (
    <div className={css.devices}>
      {ROLES.map((role) => (
        <Select
          key={role}
          size="xs"
          label={t(`phone_bar.${role}`)}
          placeholder={t('phone_bar.of_the_system')}
          data={there[role].map(({ id, label }, at) => ({ value: id, label: label || `${at + 1}` }))}
          value={find(taken[role], there[role])?.id ?? null}
          onChange={(id) => pick(role, id)}
          clearable
          comboboxProps={{ withinPortal: false }}
        />
      ))}
      <Select
        size="xs"
        label={t('phone_bar.ringtone')}
        data={RINGTONES.map((name) => ({ value: name, label: t(`phone_bar.tone.${name}`) }))}
        value={tone}
        allowDeselect={false}
        onChange={(name) => {
          setRingtone(name as Ringtone);
          setTone(name as Ringtone);
        }}
        comboboxProps={{ withinPortal: false }}
      />
      <SoundTest />
    </div>
  );
}

/** Says back what was said for three seconds, by the devices that are chosen; and rings once. */
function SoundTest() {
  const { t } = useTranslation('shell');
  const [level, setLevel] = useState(0);
  const [permission, permit] = useState(() => ('Notification' in window ? Notification.permission : 'denied'));
  const [step, go] = useState<'idle' | 'listens' | 'plays' | 'heard' | 'failed'>('idle');

  async function test() {
    go('listens');
    try {
      const heard = URL.createObjectURL(await listen(setLevel));
      go('plays');
      const element = new Audio(heard);
      await route(element, 'speaker');
      await element.play();
      await new Promise((resolve) => (element.onended = resolve));
      URL.revokeObjectURL(heard);
      go('heard');
    } catch {
      go('failed');
    }
    setLevel(0);
  }

  function ring() {
    const ringer = new Ringer();
    ringer.start();
    setTimeout(() => ringer.stop(), 2500);
  }

  const busy = step === 'listens' || step === 'plays';
  return (
    <>
      <Progress value={Math.min(100, level * 400)} aria-label={t('phone_bar.level')} transitionDuration={80} />
      <p className={css.step} role="status">
        {t(`phone_bar.echo.${step}`)}
      </p>
      <div className={css.tests}>
        <Button size="xs" variant="default" disabled={busy} onClick={() => void test()}>
          {t('phone_bar.test')}
        </Button>
        <Button size="xs" variant="default" onClick={ring}>
          {t('phone_bar.ring_once')}
        </Button>
        {permission === 'default' && (
          <Button size="xs" variant="default" onClick={() => void Notification.requestPermission().then(permit)}>
            {t('phone_bar.notify')}
          </Button>
        )}
      </div>
    </>
  );
}
