import { endOf, type AgentRow, type Desk } from './desk';
import type { Known } from './message';

/** What was fetched and is out of date now. */
export type Stale = 'lists' | 'abandoned' | 'setup' | 'phones' | 'notifications';

/** Emergency calls that are shown at once. */
const EMERGENCIES = 5;

/** Notes that are shown at once: the oldest goes. */
const NOTES = 5;

/** A message, with when it happened. */
type Told = Known & { at?: string; seq?: number };

export interface Applied {
  desk: Desk;
  stale: Stale[];
}

/** One message taken in. Whole rows come, so that nothing of the queues' rules is known here. */
export function apply(desk: Desk, message: Told, now: number): Applied {
  switch (message.type) {
    case 'snapshot': {
      const { agents, queues, waiting, calls, written_up, alarms, resumed } = message.data;
      const known = written_up ? [...calls, written_up] : calls;
      const whole: Desk = { ...desk, agents: sorted(agents, login), queues: sorted(queues, name), waiting, alarms, calls: Object.fromEntries(known.map((call) => [call.call, call])) };
      // What goes beside the chain is not sent again.
      return { desk: agents.reduce<Desk>((desk, row) => withMe(desk, row, now), whole), stale: resumed ? ['abandoned', 'notifications'] : ['lists', 'abandoned', 'setup', 'notifications'] };
    }
    case 'agent.changed':
      return fresh(withMe({ ...desk, agents: placed(desk.agents, message.data, login) }, message.data, now));
    case 'queue.changed': {
      const { queue, waiting } = message.data;
      const others = (desk.waiting ?? []).filter((row) => row.queue !== queue.name);
      return fresh({ ...desk, queues: placed(desk.queues ?? [], queue, name), waiting: [...others, ...waiting] });
    }
    case 'call.changed':
      return fresh({ ...desk, calls: { ...desk.calls, [message.data.call]: message.data } });
    case 'call.ended':
      // The one at hand keeps its name through the wrap-up.
      return fresh(message.data.call === desk.me?.agent?.call ? desk : without(desk, message.data.call));
    case 'offer.ended': {
      const { call, agent, outcome } = message.data;
      return fresh(agent === desk.me?.id && outcome !== 'answered' ? without(desk, call) : desk);
    }
    case 'alarm.raised':
      return fresh({ ...desk, alarms: [...desk.alarms.filter((other) => other.alarm !== message.data.alarm), { ...message.data, since: message.at ?? new Date(now).toISOString() }] });
    case 'alarm.cleared':
      return fresh({ ...desk, alarms: desk.alarms.filter((other) => other.alarm !== message.data.alarm) });
    case 'call.emergency': {
      const { call, number } = message.data;
      return fresh({ ...desk, emergencies: [...desk.emergencies, { call, number, at: message.at ?? new Date(now).toISOString() }].slice(-EMERGENCIES) });
    }
    case 'agent.noted': {
      const { agent, by_name: from, note: text } = message.data;
      if (agent !== desk.me?.id) return fresh(desk);
      const at = message.at ?? new Date(now).toISOString();
      return fresh({ ...desk, notes: [...desk.notes, { id: `${message.seq ?? at}`, from, text, at }].slice(-NOTES) });
    }
    case 'call.saved':
      return { desk, stale: ['lists'] };
    case 'abandoned.changed':
      return { desk, stale: ['abandoned'] };
    case 'notifications.changed':
      return { desk, stale: ['notifications'] };
    case 'setup.changed':
      // Whoever is no agent any more has nothing reserved.
      return { desk, stale: ['setup', 'abandoned'] };
    case 'trunk.up':
    case 'trunk.down':
      return { desk, stale: ['setup'] };
    case 'phone.reachable':
    case 'phone.unreachable':
    case 'agent.logged_in':
    case 'agent.logged_out':
      return { desk, stale: ['phones'] };
    default:
      return fresh(desk);
  }
}

const login = (row: { login: string }) => row.login;
const name = (row: { name: string }) => row.name;

function fresh(desk: Desk): Applied {
  return { desk, stale: [] };
}

function without(desk: Desk, call: string): Desk {
  return { ...desk, calls: Object.fromEntries(Object.entries(desk.calls).filter(([id]) => id !== call)) };
}

/** A row in place of the one of the same name, or among the others in order. */
function placed<Row>(rows: Row[], row: Row, name: (row: Row) => string): Row[] {
  return sorted([...rows.filter((other) => name(other) !== name(row)), row], name);
}

function sorted<Row>(rows: Row[], name: (row: Row) => string): Row[] {
  return rows.toSorted((a, b) => name(a).localeCompare(name(b)));
}

function withMe(desk: Desk, row: AgentRow, now: number): Desk {
  const { me } = desk;
  if (!me?.agent || row.id !== me.id) return desk;
  const { state, since, left_ms, pause, pause_label, pending_pause, pending_pause_label, paused_in, call, offer, misses, phone } = row;
  const agent = { ...me.agent, state, since, left_ms, pause, pause_label, pending_pause, pending_pause_label, paused_in, call, offer, misses, phone };
  const before = me.agent.call;
  const changed = { ...desk, me: { ...me, agent }, until: endOf(left_ms, now) };
  return before && before !== call ? without(changed, before) : changed;
}
