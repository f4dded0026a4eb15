/** How the phone stands with the server. */
export type Registration = 'off' | 'connecting' | 'registered' | 'lost' | 'refused';

/** Whether there is something to speak with; `unknown` until the browser was asked. `insecure`: browsers give none to a page that came in clear. */
export type Microphone = 'unknown' | 'ready' | 'blocked' | 'missing' | 'insecure';

/** Why there is nothing to speak with. */
export function isMute(microphone: Microphone): microphone is 'blocked' | 'missing' | 'insecure' {
  return microphone !== 'unknown' && microphone !== 'ready';
}

/** What is wrong with a call's sound. */
export type Warning = 'muted_and_speaking' | 'nothing_heard' | 'weak_network';

/** The one call of the phone: a phone of a page is offered one at a time. */
export interface PhoneCall {
  /** SIP's own name of it. */
  id: string;
  state: 'ringing' | 'answering' | 'up';
  /** Who calls, as it is shown. */
  from: string;
  /** Answered without being asked: the agent asked for the call, or was on it before the page was loaded anew. */
  byItself: boolean;
}

/** How a call sounds, over the last two seconds. */
export interface Quality {
  /** Of the packets that should have come, per cent. */
  lossPercent: number;
  jitterMs: number;
  roundTripMs: number | null;
  /** 1 to 4.5 (ITU-T G.107). */
  mos: number;
}

/** All there is to show of the phone. */
export interface PhoneState {
  registration: Registration;
  microphone: Microphone;
  call: PhoneCall | null;
  muted: boolean;
  quality: Quality | null;
  warnings: Warning[];
}

export const silent: PhoneState = { registration: 'off', microphone: 'unknown', call: null, muted: false, quality: null, warnings: [] };

export type PhoneEvent =
  | { type: 'microphone'; microphone: Microphone }
  | { type: 'connecting' }
  | { type: 'registered' }
  | { type: 'lost' }
  | { type: 'refused' }
  | { type: 'stopped' }
  | { type: 'rings'; id: string; from: string; byItself: boolean }
  | { type: 'answering'; id: string }
  | { type: 'up'; id: string }
  | { type: 'over'; id: string }
  | { type: 'muted'; muted: boolean }
  | { type: 'sound'; quality: Quality | null; warnings: Warning[] };

/** What an event makes of the phone. Events of a call that is over change nothing. */
export function next(state: PhoneState, event: PhoneEvent): PhoneState {
  switch (event.type) {
    case 'microphone':
      return { ...state, microphone: event.microphone };
    case 'connecting':
      return { ...state, registration: state.registration === 'lost' || state.registration === 'refused' ? state.registration : 'connecting' };
    case 'registered':
    case 'lost':
    case 'refused':
      return { ...state, registration: event.type };
    case 'stopped':
      return { ...silent, microphone: state.microphone };
    case 'rings':
      // One at a time: who rings beside a call is refused before it comes here.
      return state.call ? state : { ...state, call: { id: event.id, state: 'ringing', from: event.from, byItself: event.byItself } };
    case 'answering':
      return onCall(state, event.id, (call) => ({ ...state, call: { ...call, state: call.state === 'up' ? 'up' : 'answering' } }));
    case 'up':
      return onCall(state, event.id, (call) => ({ ...state, call: { ...call, state: 'up' } }));
    case 'over':
      return onCall(state, event.id, () => ({ ...state, call: null, muted: false, quality: null, warnings: [] }));
    case 'muted':
      return state.call ? { ...state, muted: event.muted } : state;
    case 'sound':
      return state.call ? { ...state, quality: event.quality, warnings: event.warnings } : state;
  }
}

function onCall(state: PhoneState, id: string, change: (call: PhoneCall) => PhoneState): PhoneState {
  return state.call?.id === id ? change(state.call) : state;
}

/** What whoever looks at the phone may order; the tab that has it carries it out. */
export type PhoneOrder = { type: 'answer' } | { type: 'mute'; muted: boolean } | { type: 'press'; key: string } | { type: 'devices' };

/** A phone in the page, whatever it signals by. */
export interface Phone {
  /** Registers, and again whenever that is lost. */
  start(): void;
  order(order: PhoneOrder): void;
  /** Leaves without a word: the server keeps the call for whoever comes back. */
  abandon(): void;
  /** Signs off; a call at hand is hung up. */
  stop(): void;
}
