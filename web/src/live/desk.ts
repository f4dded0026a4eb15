import { createStore } from 'zustand/vanilla';

import type { Me, QueueRow, Schemas, WaitingRow } from '../api/client';

export type AgentRow = Schemas['AgentRow'];

/** A call that is up, as far as this person may know of it. */
export interface LiveCall {
  call: string;
  number: number;
  kind: string;
  caller: string;
  caller_name: string | null;
  called: string;
  started_at: string;
  state: 'arriving' | 'waiting' | 'ringing' | 'talking';
  since: string;
  queue: string | null;
  /** Why whoever was dialled last was not reached. */
  not_reached: string | null;
  /** Whether it is recorded; `paused`: silence is. */
  recording?: 'running' | 'paused' | null;
  agent: string | null;
  agent_name: string | null;
  offered_to: string[];
  /** Names of those, in the same order. */
  offered_to_names: string[];
  /** Which agents have or had it, for which queue, wherever it went since, and since when they talked. */
  had_by: { agent: string; queue: string | null; since: string }[];
  /** The party it began with, then the others as they came. */
  parties: Party[];
  /** For supervisors: who of them is beside the agent. */
  supervisor?: { login: string; name: string; mode: string };
}

/** A party of a call that is up. */
export interface Party {
  leg: string;
  role: 'caller' | 'agent' | 'callee';
  number: string;
  /** Login of the agent there. */
  agent: string | null;
  agent_name: string | null;
  phone: string | null;
  state: 'trying' | 'ringing' | 'up';
  on_hold: boolean;
  /** What is heard of it while somebody listens. */
  hearing: 'heard' | 'nothing_comes' | 'silence';
}

/** The queue a call is of for one of its agents: for which they had it, otherwise where it is. */
export function queueFor(call: LiveCall, login: string | undefined): string | null {
  const had = call.had_by.find(({ agent }) => agent === login);
  return had ? had.queue : call.queue;
}

/** Something is wrong with the server. */
export interface Alarm {
  alarm: Schemas['Alarm'];
  since: string;
  causes: Schemas['AlarmCause'][];
}

/** An emergency number was dialled. */
export interface Emergency {
  call: string;
  number: string;
  at: string;
}

/** What a supervisor wrote to whoever works here. */
export interface AgentNote {
  id: string;
  /** The supervisor's name. */
  from: string;
  text: string;
  at: string;
}

export type Connection = 'connecting' | 'live' | 'lost';

/** What is going on now. Nothing of it is kept on this machine. */
export interface Desk {
  connection: Connection;
  /** When the server was last heard, epoch milliseconds; 0: never. */
  heard: number;
  me: Me | null;
  /** When a state that ends by itself ends, epoch milliseconds of this machine. */
  until: number | null;
  queues: QueueRow[] | null;
  waiting: WaitingRow[] | null;
  calls: Record<string, LiveCall>;
  /** Everybody for supervisors, oneself for agents. */
  agents: AgentRow[];
  /** Oldest first; for supervisors. */
  alarms: Alarm[];
  /** Emergency calls since the page was opened that nobody has closed; for supervisors. */
  emergencies: Emergency[];
  /** Notes to the signed-in agent that were not closed, oldest first. */
  notes: AgentNote[];
}

export const nothing: Desk = { connection: 'connecting', heard: 0, me: null, until: null, queues: null, waiting: null, calls: {}, agents: [], alarms: [], emergencies: [], notes: [] };

export const desk = createStore<Desk>(() => nothing);

/** Takes the signed-in person as an answer of the API tells it. */
export function takeMe(me: Me): void {
  desk.setState({ me, until: endOf(me.agent?.left_ms, Date.now()) });
}

/** Takes who the signed-in person is; what they are doing, the stream tells. */
export function renameMe(me: Me): void {
  desk.setState(({ me: known }) => {
    if (known?.id !== me.id || !me.agent || !known.agent) return { me };
    return { me: { ...me, agent: { ...known.agent, number: me.agent.number, typology: me.agent.typology } } };
  });
}

/** When something ends that has so many milliseconds left, by this machine's clock. */
export function endOf(left: number | null | undefined, now: number): number | null {
  return left == null ? null : now + left;
}
