import type { Schemas } from '../../api/client';

type Counts = Schemas['Counts'];

/** What agents who are logged in can be doing, in the order a bar shows it. */
export const STATES = ['available', 'offered', 'talking', 'wrap_up', 'paused', 'unreachable'] as const;

/** How many are logged in. */
export function onShift(counts: Counts): number {
  return STATES.reduce((sum, state) => sum + counts[state], 0);
}

/** What all of them are doing. */
export function count(agents: { state: string }[]): Counts {
  const of = (state: keyof Counts) => agents.filter((agent) => agent.state === state).length;
  return { available: of('available'), offered: of('offered'), talking: of('talking'), wrap_up: of('wrap_up'), paused: of('paused'), unreachable: of('unreachable'), logged_out: of('logged_out') };
}

/** Of several queues' agents those of the queue with most on shift. */
export function fullest(queues: Counts[]): Counts | undefined {
  return queues.toSorted((a, b) => onShift(b) - onShift(a))[0];
}
