import i18next from 'i18next';
import { useMemo } from 'react';

import type { Schemas } from '../api/client';
import { useDesk } from './useDesk';

/** What people call a queue. Without words for it, its short name; without a name, a dash. */
export function useNames(): { queue: (name: string | null | undefined) => string } {
  const queues = useDesk((desk) => desk.queues);
  return useMemo(() => ({ queue: (name) => queues?.find((queue) => queue.name === name)?.label ?? name ?? '–' }), [queues]);
}

/** Why an agent pauses: what people call the reason, or that the server did it. */
export function pauseName({ pause, pause_label }: Pick<Schemas['AgentRow'], 'pause' | 'pause_label'>): string {
  return pause === 'misses' ? i18next.t('shell:misses') : (pause_label ?? pause ?? '');
}
