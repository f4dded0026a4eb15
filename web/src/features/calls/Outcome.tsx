import { useTranslation } from 'react-i18next';

import type { CallRow } from '../../api/client';
import { Pill } from '../../ui/Pill';

/** How a call ended: green when somebody talked. */
export function Outcome({ call }: { call: CallRow }) {
  const { t } = useTranslation('calls');
  if (!call.reason) return <>–</>;
  return <Pill tone={call.answered_at ? 'ok' : 'warn'}>{t(`reason.${call.reason as 'busy'}`)}</Pill>;
}
