import type { Me } from '../api/client';
import type { LiveCall, Party } from '../live/desk';

/** Where the call at hand stands, for the one who is on it. */
export type Phase = 'offered' | 'called' | 'dialling' | 'failed' | 'talking' | 'held' | 'consult' | 'asked' | 'three_way' | 'wrap_up';

export interface AtHand {
  phase: Phase;
  /** Whom one speaks with, or spoke with before somebody was asked; of one who is asked: who asks. */
  other?: Party;
  /** Whom one asks before the call is given on. */
  asked?: Party;
  /** Who asks has gone back to the other side, and one hears music. */
  waits?: boolean;
}

/** What of a call its agent sees; `null`: nothing is at hand. */
export function atHand(me: Me, call: LiveCall | undefined): AtHand | null {
  const state = me.agent?.state;
  const own = call?.parties.find((party) => party.agent === me.login);
  const others = call?.parties.filter((party) => party !== own) ?? [];
  // Rung for a call that another began, and for no queue: nothing is one's own before the answer.
  const isCalled = own?.role === 'callee' && own.state !== 'up';
  if (isCalled && (state === 'offered' || state === 'talking')) return { phase: 'called', other: asking(others) };
  if (state === 'offered' || state === 'wrap_up') return { phase: state, other: call?.parties.find((party) => party.agent !== me.login) };
  // A feature code dialled on the telephone is no call to be worked here.
  if (state !== 'talking' || call?.kind === 'service') return null;
  const [other, asked] = others;
  // Of three who are there nobody waits: all of them speak with each other.
  const all = asked && call?.parties.every((party) => party.state === 'up' && !party.on_hold);
  // Who is asked came last.
  if (asked && own && call?.parties.at(-1) === own) return { phase: all ? 'three_way' : 'asked', other: asking(others), waits: own.on_hold };
  if (asked) return { phase: all ? 'three_way' : 'consult', other, asked };
  if (call && !other && call.not_reached) return { phase: 'failed' };
  // One's own call: nobody hears anything before the other side answers.
  const dialling = call && call.state !== 'talking' && !other?.on_hold;
  return { phase: other?.on_hold ? 'held' : dialling ? 'dialling' : 'talking', other };
}

/** What is wrong with the audio of a talk, if anything is: with one's own first, since one can do something about it. */
export function audioFault(me: Me, call: LiveCall | undefined, { phase, other }: AtHand): 'you_unheard' | 'other_unheard' | 'you_silent' | 'other_silent' | undefined {
  if (phase !== 'talking' && phase !== 'three_way' && phase !== 'consult') return undefined;
  const own = call?.parties.find((party) => party.agent === me.login)?.hearing;
  if (own === 'nothing_comes') return 'you_unheard';
  if (other?.hearing === 'nothing_comes') return 'other_unheard';
  if (own === 'silence') return 'you_silent';
  return other?.hearing === 'silence' ? 'other_silent' : undefined;
}

/** Who of the others asks, or calls: only an agent asks, and not one who waits. */
function asking(others: Party[]): Party | undefined {
  return others.find((party) => party.agent && !party.on_hold) ?? others.find((party) => !party.on_hold) ?? others[0];
}
