import { useQuery } from '@tanstack/react-query';

import { api, body, type CallRow } from '../../api/client';
import { bounds } from '../../shared/format';

/** What came of today's calls. */
export interface Today {
  answered: number;
  /** More were than one page holds. */
  more: boolean;
  talkMs: number;
  waitMs: number;
}

export function sum(calls: CallRow[], more: boolean): Today {
  const answered = calls.filter((call) => call.answered_at);
  const total = (of: (call: CallRow) => number) => answered.reduce((sum, call) => sum + of(call), 0);
  return { answered: answered.length, more, talkMs: total((call) => call.talk_ms), waitMs: total((call) => call.wait_ms) };
}

/** Today's calls this person may see, summed. */
export function useToday() {
  return useQuery({
    queryKey: ['today'],
    queryFn: async () => {
      const page = await api.GET('/api/v1/calls', { params: { query: { ...bounds({ range: 'today' }), limit: 200 } } }).then(body);
      return sum(page.items, page.next != null);
    },
  });
}
