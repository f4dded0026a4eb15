import { useTranslation } from 'react-i18next';

import type { CallRow } from '../../api/client';
import { Pill } from '../../ui/Pill';

/** Ends of a call in a queue, whoever was talked with before. */
const LEFT_WAITING = ['cancelled', 'queue_timeout', 'queue_full', 'no_agents'];

/** How a call ended: green when somebody talked to the end. */
export function Outcome({ call }: { call: CallRow }) {
  const { t } = useTranslation('calls');
  if (!call.reason) return <>–</>;
  const talked = call.answered_at && !LEFT_WAITING.includes(call.reason);
  const words = t(`reason.${call.reason as 'busy'}`);
  return (
    <span title={words}>
      <Pill tone={talked ? 'ok' : 'warn'}>{words}</Pill>
    </span>
  );
}
