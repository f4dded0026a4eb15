import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { api, body, type Schemas } from '../api/client';

export type Disposition = Schemas['DispositionRow'];

/** All dispositions, as people are shown them. */
export function useDispositions() {
  return useQuery({ queryKey: ['setup', 'dispositions'], queryFn: () => api.GET('/api/v1/dispositions').then(body) });
}

/** Those below another, or of the first level. */
export function below(all: Disposition[], parent: string | null): Disposition[] {
  return all.filter((one) => (one.parent ?? null) === parent);
}

/** Those of the first level that calls of a queue may be given. */
export function offered(all: Disposition[], queue: string | null | undefined): Disposition[] {
  return below(all, null).filter((one) => one.queues.length === 0 || (queue != null && one.queues.includes(queue)));
}

/** Every one with the names of those above it, for choices. */
export function usePaths(): { value: string; label: string }[] {
  const { data } = useDispositions();
  return useMemo(() => {
    const all = data ?? [];
    const path = (one: Disposition): string => {
      const parent = all.find((other) => other.id === one.parent);
      return parent ? `${path(parent)} / ${one.name}` : one.name;
    };
    return all.map((one) => ({ value: one.id, label: path(one) })).toSorted((a, b) => a.label.localeCompare(b.label));
  }, [data]);
}
