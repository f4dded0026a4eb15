import { Button, Progress, Select } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { choose, chosen, devices, find, route, type Chosen, type Role } from '../softphone/devices';
import { orderPhone } from '../softphone/line';
import { listen } from '../softphone/microphone';
import { Ringer, RINGTONES, ringtone, setRingtone, type Ringtone } from '../softphone/ringer';
import css from './phone.module.css';

const ROLES: Role[] = ['microphone', 'speaker', 'ring'];
/** How long a test of the ringing lasts, milliseconds. */
const RINGS = 2500;

/** Which devices the phone uses and how it rings. */
export function Devices() {
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
    <>
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
    </>
  );
}

interface EchoProps {
  /** It was played back. */
  onHeard?: () => void;
}

/** Says back what was said for three seconds, by the devices that are chosen. */
export function Echo({ onHeard }: EchoProps) {
  const { t } = useTranslation('shell');
  const [level, setLevel] = useState(0);
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
      onHeard?.();
    } catch {
      go('failed');
    }
    setLevel(0);
  }

  return (
    <>
      <Progress value={Math.min(100, level * 400)} aria-label={t('phone_bar.level')} transitionDuration={80} />
      <p className={css.step} role="status">
        {t(`phone_bar.echo.${step}`)}
      </p>
      <Button size="xs" variant="default" disabled={step === 'listens' || step === 'plays'} onClick={() => void test()}>
        {t('phone_bar.test')}
      </Button>
    </>
  );
}

/** Rings once on the ring device. */
export function RingOnce({ onRung }: { onRung?: () => void }) {
  const { t } = useTranslation('shell');
  function ring() {
    const ringer = new Ringer();
    ringer.start();
    setTimeout(() => {
      ringer.stop();
      onRung?.();
    }, RINGS);
  }
  return (
    <Button size="xs" variant="default" onClick={ring}>
      {t('phone_bar.ring_once')}
    </Button>
  );
}
