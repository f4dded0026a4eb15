import type { Me } from '../api/client';

/** Parts of the desktop an agent may be kept from, in the order they are seen. */
export const PARTS = ['calls', 'abandoned_calls', 'recordings', 'pause', 'language', 'password', 'numbers'] as const;
export type Part = (typeof PARTS)[number];

/** Whether a person is shown a part. Without a list everything is shown, also what later versions bring. */
export function shows(me: Pick<Me, 'role' | 'agent'>, part: Part): boolean {
  return me.role !== 'agent' || (me.agent?.parts?.includes(part) ?? true);
}
