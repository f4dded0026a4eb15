import { create } from 'zustand';
import { persist } from 'zustand/middleware';

/** A list as somebody wants to find it again. */
export interface SavedFilter {
  name: string;
  search: Record<string, string | boolean>;
}

interface Saved {
  /** By person and list. */
  lists: Record<string, SavedFilter[]>;
  save: (list: string, filter: SavedFilter) => void;
  remove: (list: string, name: string) => void;
}

/** Filters kept under a list; the newest are kept when there are too many. */
const MOST = 20;

/** Saved filters, each person's own, kept by this browser. */
export const useSaved = create<Saved>()(
  persist(
    (set) => ({
      lists: {},
      save: (list, filter) => set(({ lists }) => ({ lists: { ...lists, [list]: [...(lists[list] ?? []).filter((known) => known.name !== filter.name), filter].slice(-MOST) } })),
      remove: (list, name) => set(({ lists }) => ({ lists: { ...lists, [list]: (lists[list] ?? []).filter((known) => known.name !== name) } })),
    }),
    { name: 'carillon.filters' },
  ),
);
