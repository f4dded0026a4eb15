import type { Peak } from './peaks';

/** Below this share of full scale nobody speaks: line noise and breath. */
const SPEECH = 0.012;
/** Shorter pauses belong to speaking. */
const PAUSE_S = 2;
/** What is left of a pause at each end, so that no word is cut. */
const MARGIN_S = 0.4;

/** A stretch of a recording, in seconds. */
export interface Quiet {
  from: number;
  to: number;
}

/** Where neither side speaks for a while. */
export function quietStretches(peaks: Peak[], length: number): Quiet[] {
  const each = length / Math.max(1, peaks.length);
  const found: Quiet[] = [];
  let began: number | undefined;
  for (let index = 0; index <= peaks.length; index += 1) {
    const peak = peaks[index];
    const silent = peak !== undefined && peak.caller < SPEECH && peak.agent < SPEECH;
    if (silent) began ??= index;
    else if (began !== undefined) {
      const quiet = { from: began * each + MARGIN_S, to: index * each - MARGIN_S };
      if (quiet.to - quiet.from >= PAUSE_S) found.push(quiet);
      began = undefined;
    }
  }
  return found;
}

/** Where to go on from a moment within a quiet stretch; `undefined`: somebody speaks. */
export function after(quiet: Quiet[], at: number): number | undefined {
  return quiet.find((stretch) => at >= stretch.from && at < stretch.to - 0.2)?.to;
}
