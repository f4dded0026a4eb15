import type { Schemas } from '../../api/client';

/** Where to go on from a moment within a quiet stretch, in seconds; `undefined`: somebody speaks, or will in no time. */
export function after(quiet: Schemas['QuietStretch'][], at: number): number | undefined {
  const stretch = quiet.find(({ from_ms, to_ms }) => at * 1000 >= from_ms && at * 1000 < to_ms - 200);
  return stretch && stretch.to_ms / 1000;
}
