import { describe, expect, it } from 'vitest';

import type { Me, QueueRow, WaitingRow } from '../api/client';
import { apply } from './apply';
import { nothing, type AgentRow, type Desk, type LiveCall } from './desk';
import type { Known } from './message';

const NOW = 1_700_000_000_000;
const counts = { available: 1, offered: 0, talking: 0, wrap_up: 0, paused: 0, unreachable: 0, logged_out: 2 };
const sales: QueueRow = { id: 'q1', name: 'sales', label: 'Sales', waiting: 0, agents: counts };
const support: QueueRow = { ...sales, id: 'q2', name: 'support', label: 'Support' };
const anna: AgentRow = { id: 'a1', login: 'anna', name: 'Anna Rossi', phone: '1001', state: 'available', since: '2026-11-22T08:00:00Z', paused_in: [], leaving: false, misses: 0 };
const me = { id: 'a1', login: 'anna', name: 'Anna Rossi', role: 'agent', agent: { number: '201', typology: 'external', phone: '1001', state: 'available', misses: 0 } } as Me;
const call: LiveCall = { call: 'c1', number: 7, kind: 'inbound', caller: '+390215550101', caller_name: null, called: '5001', started_at: '2026-11-22T08:00:00Z', state: 'waiting', since: '2026-11-22T08:00:00Z', queue: 'sales', not_reached: null, agent: null, agent_name: null, parties: [], offered_to: ['anna'], offered_to_names: ['Anna Rossi'], had_by: [] };
const waits = (call: string, queue: string): WaitingRow => ({ call, queue, caller: '+390215550101', caller_name: null, position: 1, since: '2026-11-22T08:00:00Z', waited_ms: 0, offered_to: [], offered_to_names: [] });

function after(desk: Desk, ...messages: Known[]): Desk {
  return messages.reduce((desk, message) => apply(desk, message, NOW).desk, desk);
}

const begin: Known = { type: 'snapshot', data: { agents: [anna], queues: [support, sales], waiting: [], calls: [], alarms: [], resumed: false } };
const begun = after({ ...nothing, me }, begin);

describe('the desk', () => {
  it('begins with a snapshot: queues by name, lists to be read anew', () => {
    expect(begun.queues?.map((queue) => queue.name)).toEqual(['sales', 'support']);
    expect(apply(begun, begin, NOW).stale).toEqual(['lists', 'abandoned', 'setup', 'notifications']);
    expect(apply(begun, { ...begin, data: { ...begin.data, resumed: true } }, NOW).stale).toEqual(['abandoned', 'notifications']);
  });

  it('follows an offer, the talk and the wrap-up, and keeps the caller until the agent is free', () => {
    const ringing = after(begun, { type: 'call.changed', data: call }, { type: 'agent.changed', data: { ...anna, state: 'offered', call: 'c1', left_ms: 15_000 } });
    expect(ringing.me?.agent?.state).toBe('offered');
    expect(ringing.until).toBe(NOW + 15_000);
    const written = after(ringing, { type: 'agent.changed', data: { ...anna, state: 'wrap_up', call: 'c1', left_ms: 10_000 } }, { type: 'call.ended', data: { call: 'c1' } });
    expect(written.calls.c1?.caller).toBe('+390215550101');
    const free = after(written, { type: 'agent.changed', data: anna });
    expect(free.calls).toEqual({});
    expect(free.until).toBeNull();
  });

  it('says why one pauses in the words of the reason, whoever ordered it', () => {
    const paused = after(begun, { type: 'agent.changed', data: { ...anna, state: 'paused', pause: 'lunch', pause_label: 'Lunch' } });
    expect(paused.me?.agent).toMatchObject({ state: 'paused', pause: 'lunch', pause_label: 'Lunch' });
    const waits = after(paused, { type: 'agent.changed', data: { ...anna, state: 'talking', pending_pause: 'lunch', pending_pause_label: 'Lunch' } });
    expect(waits.me?.agent).toMatchObject({ pending_pause_label: 'Lunch' });
    expect(waits.me?.agent?.pause_label).toBeUndefined();
  });

  it('has the call that is written up after a reload and after a reconnection, until the agent is free', () => {
    const writes: AgentRow = { ...anna, state: 'wrap_up', call: 'c1', left_ms: 10_000 };
    const again: Known = { ...begin, data: { ...begin.data, agents: [writes], written_up: call } };
    expect(after({ ...nothing, me }, again).calls.c1?.caller).toBe('+390215550101');
    const reconnected = after(begun, { type: 'call.changed', data: call }, { type: 'agent.changed', data: writes }, { type: 'call.ended', data: { call: 'c1' } }, again);
    expect(reconnected.calls.c1?.caller).toBe('+390215550101');
    expect(after(reconnected, { type: 'agent.changed', data: anna }).calls).toEqual({});
  });

  it('forgets a call that another took', () => {
    const desk = after(begun, { type: 'call.changed', data: call }, { type: 'offer.ended', data: { call: 'c1', agent: 'a1', outcome: 'no_answer' } });
    expect(desk.calls).toEqual({});
  });

  it('replaces who waits in one queue and leaves the others', () => {
    const desk = after(
      begun,
      { type: 'queue.changed', data: { queue: { ...support, waiting: 1 }, waiting: [waits('c2', 'support')] } },
      { type: 'queue.changed', data: { queue: { ...sales, waiting: 2 }, waiting: [waits('c3', 'sales'), waits('c4', 'sales')] } },
      { type: 'queue.changed', data: { queue: { ...sales, waiting: 1 }, waiting: [waits('c4', 'sales')] } },
    );
    expect(desk.waiting?.map((row) => row.call)).toEqual(['c2', 'c4']);
    expect(desk.queues?.map((queue) => queue.waiting)).toEqual([1, 1]);
  });

  it('says which lists are out of date once a record is written, not when the call ends', () => {
    expect(apply(begun, { type: 'call.ended', data: { call: 'c1' } }, NOW).stale).toEqual([]);
    expect(apply(begun, { type: 'call.saved', data: { call: 'c1' } }, NOW).stale).toEqual(['lists']);
  });

  it('shows notes to oneself alone, the last five', () => {
    const note = (agent: string, text: string): Known => ({ type: 'agent.noted', data: { agent, by_name: 'Sofia Greco', note: text } });
    const told = after(begun, note('a2', 'not mine'), ...['1', '2', '3', '4', '5', '6'].map((text) => note('a1', text)));
    expect(told.notes.map((one) => one.text)).toEqual(['2', '3', '4', '5', '6']);
  });

  it('leaves what it does not know as it is', () => {
    expect(after(begun, { type: 'leg.ringing', data: {} } as unknown as Known)).toEqual(begun);
  });

  it('knows what is wrong with the server and who called for help', () => {
    const disk = { alarm: 'recordings_refused' as const, since: '2026-11-22T08:00:00Z', causes: [{ code: 'disk' as const, why: 'full' as const, said: 'No space left on device' }] };
    const told = after({ ...nothing, me }, { ...begin, data: { ...begin.data, alarms: [disk] } }, { type: 'alarm.raised', data: { alarm: 'database_refuses', causes: [] } });
    expect(told.alarms.map((one) => one.alarm)).toEqual(['recordings_refused', 'database_refuses']);
    const better = after(told, { type: 'alarm.cleared', data: { alarm: 'recordings_refused' } }, { type: 'call.emergency', data: { call: 'c9', number: '112' } });
    expect(better.alarms.map((one) => one.alarm)).toEqual(['database_refuses']);
    expect(better.emergencies.map((one) => one.number)).toEqual(['112']);
  });
});
