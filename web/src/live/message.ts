import type { QueueRow, WaitingRow } from '../api/client';
import type { AgentRow, Alarm, LiveCall } from './desk';

/** What a connection begins with, and what all else is a change of. */
export interface Snapshot {
  agents: AgentRow[];
  queues: QueueRow[];
  waiting: WaitingRow[];
  calls: LiveCall[];
  /** The call that is written up here, once it has ended. */
  written_up?: LiveCall | null;
  /** What is wrong with the server; told to supervisors only. */
  alarms: Alarm[];
  /** The facts missed came before it; without them lists have to be read anew. */
  resumed: boolean;
}

interface Bodies {
  snapshot: Snapshot;
  'agent.changed': AgentRow;
  'queue.changed': { queue: QueueRow; waiting: WaitingRow[] };
  'call.changed': LiveCall;
  'call.ended': { call: string };
  'offer.ended': { call: string; agent: string; outcome: string };
  'call.saved': { call: string };
  'abandoned.changed': { call: string; queue: string | null };
  'notifications.changed': object;
  'setup.changed': object;
  'trunk.up': object;
  'trunk.down': object;
  'phone.reachable': object;
  'phone.unreachable': object;
  'agent.logged_in': object;
  'agent.logged_out': object;
  'agent.noted': { agent: string; by_name: string; note: string };
  'alarm.raised': Omit<Alarm, 'since'>;
  'alarm.cleared': Pick<Alarm, 'alarm'>;
  'call.emergency': { call: string; number: string };
  heartbeat: object;
}

/** Where a message belongs: `prev` is the last of the chain before it. Without `seq` it goes beside the chain. */
export interface Place {
  epoch: number;
  seq?: number;
  prev: number;
  at: string;
}

export type Known = { [Type in keyof Bodies]: { type: Type; data: Bodies[Type] } }[keyof Bodies];

/** A message of the stream. Facts nobody here folds have other types. */
export type Message = Place & Known;
