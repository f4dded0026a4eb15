import type { Stale } from '../live/apply';
import { Stream } from '../live/stream';
import { queries } from './queries';
import { sessionChanged, signedOut, takenOver } from './session';
import { useTabs } from './tabs';

const CONCERNED: Record<Stale, string[][]> = {
  lists: [['calls'], ['recordings'], ['today']],
  abandoned: [['abandoned']],
  setup: [['pauses'], ['session'], ['setup']],
  notifications: [['notifications']],
  phones: [['setup', 'phones'], ['phones']],
};

/** Keeps the desk up to date until the function it gives back is called. */
export function follow(): () => void {
  const stream = new Stream(`${location.origin.replace(/^http/, 'ws')}/api/v1/events`, {
    // A list that is not open is fetched when it is opened.
    stale: (what) => what.flatMap((kind) => CONCERNED[kind]).forEach((queryKey) => void queries.invalidateQueries({ queryKey })),
    saved: (call) => useTabs.getState().tell(call),
    signedOut,
    takenOver,
    doubt: () => void sessionChanged(),
  });
  stream.start();
  return () => stream.stop();
}
