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
    return [
      { id: 'number', title: t('number'), width: '84px', value: (call) => call.number },
      { id: 'name', title: t('name'), width: 'minmax(130px, 1fr)', value: (call) => call.name },
      { id: 'phone', title: t('phone'), width: 'minmax(140px, 1fr)', value: (call) => call.phone, cell: (call) => (call.reserved_by?.login === login ? <Dial number={call.phone} abandoned={call.id} /> : call.phone) },
      { id: 'queue', title: t('queue'), width: 'minmax(96px, .7fr)', value: (call) => names.queue(call.queue) },
      { id: 'abandoned_at', title: t('abandoned_at'), width: '128px', value: (call) => call.abandoned_at, cell: (call) => time(call.abandoned_at) },
      { id: 'redial', title: t('redial'), unsorted: true, width: '150px', value: (call) => call.redial?.started_at, cell: (call) => <Redial redial={call.redial} /> },
      { id: 'disposition', title: t('disposition'), width: 'minmax(130px, 1fr)', value: (call) => call.disposition_names.join(' / '), cell: (call) => <Disposed call={call} mine={call.reserved_by?.login === login} /> },
      { id: 'assigned_to', title: t('assigned_to'), width: 'minmax(120px, .9fr)', value: (call) => call.assigned_to?.name },
      { id: 'reserved_by', title: t('reserved'), width: '104px', value: (call) => call.reserved_by?.name, cell: (call) => <Reserve call={call} /> },
    ];
  }, [t, i18n.language, names, login]);
}

/** How the newest attempt to call back went. */
function Redial({ redial }: { redial: AbandonedRow['redial'] }) {
  const { t, i18n } = useTranslation('abandoned');
  if (!redial) return <>–</>;
  const title = redial.started_at ? fully(redial.started_at, i18n.language) : undefined;
  const how = redial.answered ? 'reached' : redial.reason ? 'not_reached' : 'under_way';
  return (
    <span title={title}>
      <Pill tone={redial.answered ? 'ok' : redial.reason ? 'warn' : 'busy'}>{t(`redials.${how}`)}</Pill>
    </span>
  );
}
