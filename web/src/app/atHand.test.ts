import { expect, it } from 'vitest';

import type { Me } from '../api/client';
import type { LiveCall, Party } from '../live/desk';
import { atHand, audioFault } from './atHand';

const me = (state: string, login = 'anna') => ({ login, agent: { state, call: 'c1' } }) as Me;
const party = (number: string, more: Partial<Party> = {}): Party => ({ leg: number, role: 'callee', number, agent: null, agent_name: null, phone: null, state: 'up', on_hold: false, hearing: 'heard', ...more });
const anna = party('1001', { agent: 'anna', role: 'agent' });
const customer = party('+390255501234', { role: 'caller' });
const call = (state: LiveCall['state'], ...parties: Party[]) => ({ call: 'c1', state, parties }) as LiveCall;

it('the dock follows a call from its offer to its wrap-up', () => {
  expect(atHand(me('available'), undefined)).toBeNull();
  expect(atHand(me('offered'), call('waiting', customer))?.phase).toBe('offered');
  expect(atHand(me('talking'), call('talking', customer, anna))).toMatchObject({ phase: 'talking', other: customer });
  expect(atHand(me('talking'), call('talking', party('+390255501234', { on_hold: true }), anna))?.phase).toBe('held');
  expect(atHand(me('wrap_up'), call('talking', customer))?.phase).toBe('wrap_up');
});

it('an own call is dialled until somebody answers', () => {
  const own = party('1001', { agent: 'anna', role: 'caller' });
  expect(atHand(me('talking'), call('ringing', own, party('+390612345', { state: 'ringing' })))).toMatchObject({ phase: 'dialling', other: { number: '+390612345' } });
  expect(atHand(me('talking'), { ...call('ringing', own), not_reached: 'busy' })).toEqual({ phase: 'failed' });
  expect(atHand(me('talking'), call('talking', own, party('+390612345')))?.phase).toBe('talking');
});

it('who is asked is not whom one spoke with', () => {
  const held = party('+390255501234', { on_hold: true });
  const bruno = party('1002', { agent: 'bruno', state: 'ringing' });
  expect(atHand(me('talking'), call('talking', held, anna, bruno))).toMatchObject({ phase: 'consult', other: { number: '+390255501234' }, asked: { agent: 'bruno' } });
  expect(atHand(me('talking'), call('talking', held, anna, { ...bruno, state: 'up' }))?.phase).toBe('consult');
  expect(atHand(me('talking'), call('talking', customer, anna, { ...bruno, state: 'up', on_hold: true }))?.phase).toBe('consult');
});

it('three who wait for nobody speak with each other', () => {
  const bruno = party('1002', { agent: 'bruno' });
  expect(atHand(me('talking'), call('talking', customer, anna, bruno))).toMatchObject({ phase: 'three_way', other: { number: '+390255501234' }, asked: { agent: 'bruno' } });
});

it('whoever is asked sees who asks, from the ringing on', () => {
  const of = (...parties: Party[]) => atHand(me(parties.some(({ agent, state }) => agent === 'bruno' && state !== 'up') ? 'offered' : 'talking', 'bruno'), call('talking', ...parties));
  const held = party('+390255501234', { role: 'caller', on_hold: true });
  const bruno = party('1002', { agent: 'bruno' });
  expect(of(held, anna, { ...bruno, state: 'trying' })).toEqual({ phase: 'called', other: anna });
  expect(of(held, anna, { ...bruno, state: 'ringing' })).toEqual({ phase: 'called', other: anna });
  expect(of(held, anna, bruno)).toEqual({ phase: 'asked', other: anna, waits: false });
  expect(of(customer, anna, { ...bruno, on_hold: true })).toEqual({ phase: 'asked', other: anna, waits: true });
  expect(of(customer, anna, bruno)).toEqual({ phase: 'three_way', other: anna, waits: false });
  // Anna asked in a call of her own; then the call is his.
  const own = party('1001', { agent: 'anna', role: 'caller' });
  expect(of(own, party('+390255501234', { on_hold: true }), bruno)).toMatchObject({ phase: 'asked', other: own });
  expect(of(customer, bruno)).toMatchObject({ phase: 'talking', other: customer });
  expect(of(held, bruno, party('1003', { agent: 'carla' }))).toMatchObject({ phase: 'consult', other: held, asked: { agent: 'carla' } });
});

it('a call that is given on rings before it is anything else', () => {
  const bruno = party('1002', { agent: 'bruno', state: 'ringing' });
  expect(atHand(me('offered', 'bruno'), call('arriving', customer, bruno))).toEqual({ phase: 'called', other: customer });
});

it('says what is wrong with the audio while it is spoken, with ones own first', () => {
  const of = (own: Party['hearing'], theirs: Party['hearing']) => {
    const talk = call('talking', { ...customer, hearing: theirs }, { ...anna, hearing: own });
    const now = atHand(me('talking'), talk);
    return now && audioFault(me('talking'), talk, now);
  };
  expect(of('heard', 'heard')).toBeUndefined();
  expect(of('nothing_comes', 'nothing_comes')).toBe('you_unheard');
  expect(of('silence', 'nothing_comes')).toBe('other_unheard');
  expect(of('silence', 'silence')).toBe('you_silent');
  expect(of('heard', 'silence')).toBe('other_silent');
  const held = call('talking', { ...customer, on_hold: true, hearing: 'nothing_comes' }, anna);
  expect(audioFault(me('talking'), held, { phase: 'held' })).toBeUndefined();
});
