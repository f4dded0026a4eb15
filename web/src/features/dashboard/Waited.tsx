import { useNow } from '../../shared/clock';
import { Pill } from '../../ui/Pill';
import { Timer } from '../../ui/Timer';
import { urgency } from './urgency';

/** How long somebody waits, coloured by how bad that is. */
export function Waited({ since, label }: { since: string; label: string }) {
  const tone = urgency(useNow() - new Date(since).getTime());
  return (
    <Pill tone={tone}>
      <Timer since={since} label={label} />
    </Pill>
  );
}
