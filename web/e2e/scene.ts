import { test as base, type Page, type WebSocketRoute } from '@playwright/test';

import type { Me, QueueRow, Schemas, WaitingRow } from '../src/api/client';
import type { AgentRow, LiveCall, Party } from '../src/live/desk';
import { Server } from './server';

/** Tests of the page alone: the server gives no more than its files. */
export const test = base.extend<object, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await Server.start('scene');
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

/** The moment at which everything here is. */
export const NOW = new Date('2026-11-23T10:00:00Z');

/** So many seconds before that. */
export function ago(seconds: number): string {
  return new Date(NOW.getTime() - seconds * 1000).toISOString();
}

const id = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const counts = { available: 0, offered: 0, talking: 0, wrap_up: 0, paused: 0, unreachable: 0, logged_out: 0 };
const agent = (number: number, login: string, name: string, phone: string | null, state: string, more: Partial<AgentRow> = {}): AgentRow => ({ id: id(number), login, name, phone, state, since: ago(340 - number * 20), paused_in: [], leaving: false, misses: 0, ...more });

export const AGENTS: AgentRow[] = [
  agent(1, 'anna', 'Anna Rossi', '1001', 'available'),
  agent(2, 'bruno', 'Bruno Conti', '1003', 'talking', { call: id(102) }),
  agent(3, 'carla', 'Carla Neri', '1004', 'wrap_up', { left_ms: 7000 }),
  agent(4, 'dario', 'Dario Riva', '204', 'paused', { pause: 'lunch', pause_label: 'Lunch' }),
  agent(5, 'elena', 'Elena Gallo', '1005', 'unreachable'),
  agent(6, 'fabio', 'Fabio Moretti', null, 'logged_out', { since: null }),
];

export const QUEUES: QueueRow[] = [
  { id: id(11), name: 'sales', label: 'Sales', waiting: 2, longest_since: ago(75), agents: { ...counts, available: 1, talking: 1, wrap_up: 1, paused: 1 } },
  { id: id(12), name: 'support', label: 'Support', waiting: 1, longest_since: ago(12), agents: { ...counts, talking: 1, unreachable: 1, logged_out: 1 } },
];

export const WAITING: WaitingRow[] = [
  { call: id(103), queue: 'sales', caller: '+390255501234', caller_name: 'Giulia Rossi', position: 1, since: ago(75), waited_ms: 75_000, offered_to: ['anna'], offered_to_names: ['Anna Rossi'] },
  { call: id(104), queue: 'sales', caller: '+390655509876', caller_name: null, position: 2, since: ago(31), waited_ms: 31_000, offered_to: [], offered_to_names: [] },
  { call: id(105), queue: 'support', caller: '+441632960961', caller_name: 'Noah Silva', position: 1, since: ago(12), waited_ms: 12_000, offered_to: [], offered_to_names: [] },
];

const party = (leg: number, role: Party['role'], number: string, more: Partial<Party> = {}): Party => ({ leg: id(leg), role, number, agent: null, agent_name: null, phone: null, state: 'up', on_hold: false, hearing: 'heard', ...more });
const call = (number: number, more: Partial<LiveCall>): LiveCall => ({ call: id(number), number, kind: 'inbound', caller: '', caller_name: null, called: '5001', started_at: ago(200), state: 'talking', since: ago(150), queue: 'sales', not_reached: null, recording: 'running', agent: null, agent_name: null, offered_to: [], offered_to_names: [], had_by: [], parties: [], ...more });

/** Anna talks with Marco. */
export const TALK = call(101, { caller: '+393335550101', caller_name: 'Marco Ferri', agent: 'anna', agent_name: 'Anna Rossi', parties: [party(201, 'caller', '+393335550101'), party(202, 'agent', '1001', { agent: 'anna', agent_name: 'Anna Rossi', phone: '1001' })] });
/** And asks Bruno, while Marco hears music. */
export const CONSULT: LiveCall = { ...TALK, parties: [{ ...TALK.parties[0]!, on_hold: true }, TALK.parties[1]!, party(203, 'callee', '1003', { agent: 'bruno', agent_name: 'Bruno Conti', phone: '1003' })] };
export const CALLS: LiveCall[] = [
  call(102, { caller: '+393475550177', caller_name: 'Sara Villa', agent: 'bruno', agent_name: 'Bruno Conti', parties: [party(204, 'caller', '+393475550177'), party(205, 'agent', '1003', { agent: 'bruno', agent_name: 'Bruno Conti', phone: '1003' })], supervisor: { login: 'sofia', name: 'Sofia Greco', mode: 'listen' } }),
  ...WAITING.map((row, at) => call(103 + at, { caller: row.caller, caller_name: row.caller_name ?? null, queue: row.queue, state: 'waiting', recording: null, offered_to: row.offered_to, offered_to_names: row.offered_to_names, started_at: row.since, since: row.since, parties: [party(206 + at, 'caller', row.caller)] })),
];

const password = { must_change: false, expires_at: null, expires_soon: false };
const second_factor = { on: false, required: false, recovery_codes: 0 };
export const ANNA = { id: id(1), login: 'anna', name: 'Anna Rossi', role: 'agent', password, second_factor, agent: { ...AGENTS[0]!, number: '201', typology: 'external', parts: null } } as unknown as Me;
export const SOFIA: Me = { id: id(7), login: 'sofia', name: 'Sofia Greco', role: 'supervisor', password, second_factor, agent: null };
export const ADMIN: Me = { id: id(8), login: 'admin', name: 'Administrator', role: 'admin', password, second_factor, agent: null };

/** What the pages show without a server that has lived: whoever is signed in, how things stand, what lists hold. */
export interface Scene {
  me: Me | null;
  agents?: AgentRow[];
  calls?: LiveCall[];
  waiting?: WaitingRow[];
  queues?: QueueRow[];
  /** Answers by path below /api/v1. */
  answers?: Record<string, unknown>;
}

const PAUSES: Schemas['Pause'][] = [
  { id: id(21), name: 'break', label: 'Break', default: true, paid: true },
  { id: id(22), name: 'lunch', label: 'Lunch', default: false, paid: false },
];

/** Puts a scene before a page that is opened hereafter: its requests and its stream are answered from it, its clock stands. Gives back how to wait for the stream. */
export async function set(page: Page, scene: Scene): Promise<() => Promise<WebSocketRoute>> {
  const { me, agents = me?.agent ? AGENTS.filter((row) => row.id === me.id) : AGENTS, calls = [], waiting = WAITING, queues = QUEUES } = scene;
  const answers: Record<string, unknown> = {
    '/session': me && { since: ago(5400), expires_at: ago(-40_000), me, demo: false, elsewhere: null },
    '/session/ways': { mail: true },
    '/pauses': PAUSES,
    '/queues': queues,
    '/calls/sums': { answered: 23, queued: 23, talk_ms: 23 * 184_000, wait_ms: 23 * 21_000 },
    '/targets': { agents: [], queues: [] },
    ...scene.answers,
  };
  await page.clock.setFixedTime(NOW);
  await page.route('**/api/v1/**', (route) => {
    const path = new URL(route.request().url()).pathname.replace('/api/v1', '');
    const answer = answers[path];
    if (path === '/session' && answer === null) return route.fulfill({ status: 401, json: { type: 'signed_out', title: 'Sign in.' } });
    return answer === undefined ? route.fulfill({ status: 404, json: { type: 'not_found', title: `The scene has no ${path}` } }) : route.fulfill({ json: answer });
  });
  let opened: (socket: WebSocketRoute) => void = () => undefined;
  const stream = new Promise<WebSocketRoute>((resolve) => (opened = resolve));
  await page.routeWebSocket(/\/api\/v1\/events/, (socket) => {
    socket.send(JSON.stringify({ epoch: 1, seq: 1, prev: 0, at: NOW.toISOString(), type: 'snapshot', data: { agents, queues, waiting, calls, alarms: [], resumed: false } }));
    opened(socket);
  });
  return () => stream;
}
