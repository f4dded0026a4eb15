import { dispositions } from './dispositions';
import { pauses } from './pauses';
import { phones } from './phones';
import { queues } from './queues';
import type { Resource } from './resource';
import { routes } from './routes';
import { trunks } from './trunks';
import { users } from './users';

/** Everything that is set up here, in the groups of the menu. A list hands its rows only to the resource they came from. */
export const GROUPS = [
  { group: 'voice', resources: [queues, trunks, routes, dispositions] },
  { group: 'people', resources: [users, phones, pauses] },
] as unknown as { group: 'voice' | 'people'; resources: Resource[] }[];

export function resourceOf(kind: string): Resource | undefined {
  return GROUPS.flatMap((group) => group.resources).find((resource) => resource.kind === kind);
}
