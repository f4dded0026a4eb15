import type { Me } from '../api/client';
import type { LiveCall, Party } from '../live/desk';

/** Where the call at hand stands, for the one who is on it. */
export type Phase = 'offered' | 'dialling' | 'failed' | 'talking' | 'held' | 'consult' | 'three_way' | 'wrap_up';

export interface AtHand {
  phase: Phase;
  /** Whom one speaks with, or spoke with before somebody was asked. */
  other?: Party;
  /** Who is being asked before the call is given on. */
  asked?: Party;
}

/** What of a call its agent sees; `null`: nothing is at hand. */
export function atHand(me: Me, call: LiveCall | undefined): AtHand | null {
  const state = me.agent?.state;
  if (state === 'offered' || state === 'wrap_up') return { phase: state, other: call?.parties.find((party) => party.agent !== me.login) };
  // A feature code dialled on the telephone is no call to be worked here.
  if (state !== 'talking' || call?.kind === 'service') return null;
  const [other, asked] = call?.parties.filter((party) => party.agent !== me.login) ?? [];
  // Of three who are there nobody waits: all of them speak with each other.
  if (asked) return { phase: asked.state === 'up' && !asked.on_hold && other && !other.on_hold ? 'three_way' : 'consult', other, asked };
  if (call && !other && call.not_reached) return { phase: 'failed' };
  // One's own call: nobody hears anything before the other side answers.
  const dialling = call && call.state !== 'talking' && !other?.on_hold;
  return { phase: other?.on_hold ? 'held' : dialling ? 'dialling' : 'talking', other };
}
