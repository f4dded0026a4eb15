import { Button, Popover } from '@mantine/core';
import { IconSettings } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { usePhone } from '../shared/usePhone';
import { isMute } from '../softphone/phone';
import { StateLed } from '../ui/Pill';
import css from './phone.module.css';
import { askToCheck } from './PhoneCheck';
import { Devices, Echo, RingOnce } from './PhoneDevices';

/** How the phone stands, in a word; behind it its devices, a test of them, and how it rings. */
export function PhoneMenu() {
  const { t } = useTranslation('shell');
  const [opened, open] = useState(false);
  const registration = usePhone((phone) => phone.registration);
  const microphone = usePhone((phone) => phone.microphone);
  const trouble = isMute(microphone) ? microphone : registration;
  return (
    <Popover opened={opened} onChange={open} position="bottom-end" shadow="md" width={320} trapFocus withArrow>
      <Popover.Target>
        <button type="button" className={css.standing} aria-label={`${t('phone_bar.settings')}: ${t(`phone_bar.standing.${trouble}`)}`} onClick={() => open(!opened)}>
          <StateLed state={trouble === 'registered' ? 'available' : trouble === 'off' || trouble === 'connecting' ? 'wrap_up' : 'unreachable'} />
          <span data-testid="registration">{t(`phone_bar.standing.${trouble}`)}</span>
          <IconSettings size={16} stroke={1.7} aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('phone_bar.settings')}>
        {microphone === 'insecure' ? (
          t('phone_bar.trouble.insecure')
        ) : (
          <div className={css.devices}>
            <Devices />
            <Echo />
            <RingOnce />
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                open(false);
                askToCheck();
              }}
            >
              {t('check.open')}
            </Button>
          </div>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
