import { createStore } from 'zustand/vanilla';

import { takePart } from './leader';
import { next, silent, type Phone, type PhoneEvent, type PhoneOrder, type PhoneState } from './phone';
import { Ringer } from './ringer';
import type { Proof } from './jssip';

/** The phone of this browser as every tab shows it. */
export interface LineState extends PhoneState {
  /** This tab is the phone. */
  leads: boolean;
}

const nobody: LineState = { ...silent, leads: false };

export const line = createStore<LineState>(() => nobody);

/** Orders the phone, in whichever tab it is. */
export let orderPhone: (order: PhoneOrder) => void = () => undefined;

/** Makes this tab take part in the phone of the browser. */
export function takeLine(server: string, proof: () => Promise<Proof>): { abandon: () => void; stop: () => void } {
  const ringer = new Ringer();
  let phone: Phone | undefined;
  let gone = false;
  const show = (state: PhoneState) => {
    line.setState({ ...state });
    lead.show(state);
    if (state.call?.state === 'ringing' && !state.call.byItself) ringer.start();
    else ringer.stop();
  };
  const tell = (event: PhoneEvent) => {
    const { registration, microphone, call, muted, quality, warnings } = line.getState();
    if (!gone) show(next({ registration, microphone, call, muted, quality, warnings }, event));
  };
  const lead = takePart<PhoneState, PhoneOrder>('carillon-phone', {
    lead() {
      line.setState({ ...silent, leads: true });
      void import('./jssip').then(({ JsSipPhone }) => {
        if (gone) return;
        phone = new JsSipPhone(server, proof, tell);
        phone.start();
      });
    },
    ordered: (order) => phone?.order(order),
    shown: (state) => line.setState({ ...state }),
  });
  orderPhone = (order) => lead.order(order);

  const leave = (how: 'abandon' | 'stop') => () => {
    if (gone) return;
    phone?.[how]();
    gone = true;
    ringer.stop();
    lead.leave();
    orderPhone = () => undefined;
    line.setState(nobody);
  };
  return { abandon: leave('abandon'), stop: leave('stop') };
}
