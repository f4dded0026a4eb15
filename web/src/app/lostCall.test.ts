import { expect, it } from 'vitest';

import type { Me } from '../api/client';
import type { LiveCall, Party } from '../live/desk';
import { lostCall } from './lostCall';

const me = (state: string) => ({ login: 'dario', agent: { state, call: 'c1' } }) as Me;
const own = (state: Party['state']): Party => ({ leg: 'l2', role: 'agent', number: '204', agent: 'dario', agent_name: 'Dario Riva', phone: '204', state, on_hold: false, hearing: 'heard' });
const caller: Party = { leg: 'l1', role: 'caller', number: '1002', agent: null, agent_name: null, phone: null, state: 'up', on_hold: true, hearing: 'heard' };
const calls = (state: LiveCall['state'], ...parties: Party[]) => ({ c1: { call: 'c1', state, parties } as LiveCall });

it('Z1: a page without a call has lost the one it is up on, or whose leg is gone', () => {
  expect(lostCall(me('talking'), calls('talking', caller, own('up')))).toBe('c1');
  expect(lostCall(me('talking'), calls('talking', caller))).toBe('c1');
});

it('Z1: a leg that is on its way, a call that is not talk yet and one that is over are not lost', () => {
  expect(lostCall(me('talking'), calls('talking', caller, own('trying')))).toBeUndefined();
  expect(lostCall(me('talking'), calls('arriving'))).toBeUndefined();
  expect(lostCall(me('wrap_up'), calls('talking', caller, own('up')))).toBeUndefined();
  expect(lostCall(me('talking'), {})).toBeUndefined();
});
