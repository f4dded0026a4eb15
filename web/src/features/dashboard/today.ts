import { useQuery } from '@tanstack/react-query';

import { api, body } from '../../api/client';
import { useNow } from '../../shared/clock';

/** Today's answered calls that this person may see, as the server sums them; a new day begins at midnight here. */
export function useToday() {
  const from = new Date(new Date(useNow()).setHours(0, 0, 0, 0)).toISOString();
  return useQuery({
    queryKey: ['today', from],
    queryFn: () => api.GET('/api/v1/calls/sums', { params: { query: { from } } }).then(body),
  });
}
