import { CloseButton } from '@mantine/core';
import { IconAlertTriangle, IconUrgent } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { desk } from '../live/desk';
import { moment } from '../shared/format';
import { alarmWords } from '../shared/troubles';
import { useDesk } from '../shared/useDesk';
import css from './shell.module.css';

/** For supervisors, on every page: what is wrong with the server, until it is well; emergency calls, until they are closed. */
export function Alarms() {
  const { t, i18n } = useTranslation('shell');
  const alarms = useDesk((desk) => desk.alarms);
  const emergencies = useDesk((desk) => desk.emergencies);
  return (
    <>
      {emergencies.map((one) => (
        <div key={one.call} className={css.banner} data-bad role="alert">
          <IconUrgent size={17} stroke={1.8} aria-hidden />
          <Link to="/calls/$id" params={{ id: one.call }}>
            {t('emergency', { number: one.number, at: moment(one.at, i18n.language) })}
          </Link>
          <CloseButton size="sm" ml="auto" aria-label={t('emergency_seen', { number: one.number })} onClick={() => desk.setState((old) => ({ emergencies: old.emergencies.filter((other) => other !== one) }))} />
        </div>
      ))}
      {alarms.map((one) => (
        <div key={one.alarm} className={css.banner} data-bad role="alert" title={alarmWords(one.alarm, one.causes)}>
          <IconAlertTriangle size={17} stroke={1.8} aria-hidden />
          {alarmWords(one.alarm, one.causes)} <span aria-live="off">{t('since', { at: moment(one.since, i18n.language) })}</span>
        </div>
      ))}
    </>
  );
}
