import { QueryClient } from '@tanstack/react-query';

import { ApiError } from '../api/client';

/** What was fetched. The live stream says when it is out of date, so nothing is asked for again by the clock. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status > 0 && error.status < 500),
    },
  },
});
