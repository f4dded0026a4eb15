import { useMemo } from 'react';

import { useDesk } from './useDesk';

/** What people call a queue and a colleague. Without words for it, its short name; without a name, a dash. */
export function useNames(): { queue: (name: string | null | undefined) => string; agent: (login: string | null | undefined) => string } {
  const queues = useDesk((desk) => desk.queues);
  const agents = useDesk((desk) => desk.agents);
  return useMemo(
    () => ({
      queue: (name) => queues?.find((queue) => queue.name === name)?.label ?? name ?? '–',
      agent: (login) => agents.find((agent) => agent.login === login)?.name ?? login ?? '–',
    }),
    [queues, agents],
  );
}
