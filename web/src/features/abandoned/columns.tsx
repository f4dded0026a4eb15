import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import type { Schemas } from '../../api/client';
import { Dial } from '../../shared/Dial';
import { fully, moment } from '../../shared/format';
import { useNames } from '../../shared/names';
import { useDesk } from '../../shared/useDesk';
import type { Column } from '../../ui/DataGrid';
import { Pill } from '../../ui/Pill';
import { Disposed } from './Disposed';
import { Reserve } from './Reserve';

export type AbandonedRow = Schemas['AbandonedRow'];

/** Columns of the list. The number dials only for who has reserved the call. */
export function useColumns(): Column<AbandonedRow>[] {
  const { t, i18n } = useTranslation('abandoned');
  const names = useNames();
  const login = useDesk((desk) => desk.me?.login);
  return useMemo(() => {
    const time = (at: string) => <span title={fully(at, i18n.language)}>{moment(at, i18n.language)}</span>;
    const again = (call: AbandonedRow) => (servedElsewhere(call) ? t('served') : call.redial && t(`redials.${wentHow(call.redial)}`));
    return [
      { id: 'number', title: t('number'), width: '72px', value: (call) => call.number },
      { id: 'name', title: t('name'), width: 'minmax(104px, 1fr)', value: (call) => call.name, cell: (call) => (call.name ? <span title={call.name}>{call.name}</span> : '–') },
      { id: 'phone', title: t('phone'), width: 'minmax(128px, 1fr)', value: (call) => call.phone, cell: (call) => (call.reserved_by?.login === login ? <Dial number={call.phone} abandoned={call.id} /> : call.phone) },
      { id: 'queue', title: t('queue'), width: 'minmax(80px, .7fr)', value: (call) => call.queue && names.queue(call.queue) },
      { id: 'abandoned_at', title: t('abandoned_at'), width: '112px', value: (call) => call.abandoned_at, file: (call, stamp) => stamp(call.abandoned_at), cell: (call) => time(call.abandoned_at) },
      { id: 'redial', title: t('redial'), unsorted: true, width: '118px', value: again, file: (call, stamp) => call.redial && [again(call), call.redial.started_at && stamp(call.redial.started_at)].filter(Boolean).join(' '), cell: (call) => (servedElsewhere(call) ? <Pill tone="ok">{t('served')}</Pill> : <Redial redial={call.redial} />) },
      { id: 'disposition', title: t('disposition'), width: 'minmax(110px, 1fr)', value: (call) => call.disposition_names.join(' / '), cell: (call) => <Disposed call={call} mine={call.reserved_by?.login === login} /> },
      { id: 'assigned_to', title: t('assigned_to'), width: 'minmax(110px, .9fr)', value: (call) => call.assigned_to?.name },
      { id: 'reserved_by', title: t('reserved'), sticky: true, width: '84px', value: (call) => call.reserved_by?.name, cell: (call) => <Reserve call={call} /> },
    ];
  }, [t, i18n.language, names, login]);
}

/** Whether the caller was served by another call than the one back: who has reserved it need not call any more. */
const servedElsewhere = ({ served_by, redial }: AbandonedRow) => Boolean(served_by) && served_by !== redial?.call;

const wentHow = (redial: NonNullable<AbandonedRow['redial']>) => (redial.answered ? 'reached' : redial.reason ? 'not_reached' : 'under_way');

/** How the newest attempt to call back went. */
function Redial({ redial }: { redial: AbandonedRow['redial'] }) {
  const { t, i18n } = useTranslation('abandoned');
  if (!redial) return <>–</>;
  const title = redial.started_at ? fully(redial.started_at, i18n.language) : undefined;
  return (
    <span title={title}>
      <Pill tone={redial.answered ? 'ok' : redial.reason ? 'warn' : 'busy'}>{t(`redials.${wentHow(redial)}`)}</Pill>
    </span>
  );
}
