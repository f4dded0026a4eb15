import { useNow } from '../shared/clock';
import { duration } from '../shared/format';

interface TimerProps {
  /** Counts up from here, or down to `until`. */
  since?: string | number | null;
  until?: number | null;
  label?: string;
  className?: string;
}

/** A clock that runs. A timer by role, without announcing every second. */
export function Timer({ since, until, label, className }: TimerProps) {
  const now = useNow();
  const ms = until != null ? until - now + 500 : since != null ? now - new Date(since).getTime() : 0;
  return (
    <span role="timer" aria-live="off" aria-label={label} className={className}>
      {duration(ms)}
    </span>
  );
}
