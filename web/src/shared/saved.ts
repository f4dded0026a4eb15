import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, body, type Schemas } from '../api/client';
import { complain } from './problem';

/** A list as somebody wants to find it again. */
export type SavedFilter = Schemas['SavedFilter'];

type Filters = Record<string, SavedFilter[]>;

/** Filters kept under a list; the newest are kept when there are too many. */
const MOST = 20;
const KEY = ['me', 'filters'];
const NONE: SavedFilter[] = [];

/** The filters of a list that somebody saved; the server keeps them, so that they are at every desktop. */
export function useSavedFilters(list: string) {
  const client = useQueryClient();
  const kept = useQuery({ queryKey: KEY, queryFn: () => api.GET('/api/v1/me/filters').then(body) });
  const filters = kept.data?.[list] ?? NONE;
  const write = useMutation({
    mutationFn: (filters: SavedFilter[]) => api.PUT('/api/v1/me/filters/{list}', { params: { path: { list } }, body: filters }).then(body),
    onMutate: (filters) => client.setQueryData<Filters>(KEY, (known) => ({ ...known, [list]: filters })),
    onError: complain,
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  const others = (name: string) => filters.filter((known) => known.name !== name);
  return {
    filters,
    save: (filter: SavedFilter) => write.mutate([...others(filter.name), filter].slice(-MOST)),
    remove: (name: string) => write.mutate(others(name)),
  };
}
