import { create } from 'zustand';
import { persist } from 'zustand/middleware';

interface Drafts {
  /** What was typed about a call and is not saved, by call. */
  notes: Record<string, string>;
  keep: (call: string, note: string) => void;
  drop: (call: string) => void;
}

/** Calls whose notes are kept; the oldest go. */
const MOST = 20;

const but = (notes: Record<string, string>, call: string) => Object.entries(notes).filter(([known]) => known !== call);

/** Notes that are being written; kept across a reload, forgotten with the browser's tab and with the session. */
export const useDrafts = create<Drafts>()(
  persist(
    (set) => ({
      notes: {},
      keep: (call, note) => set(({ notes }) => ({ notes: Object.fromEntries([...but(notes, call), [call, note] as const].slice(-MOST)) })),
      drop: (call) => set(({ notes }) => ({ notes: Object.fromEntries(but(notes, call)) })),
    }),
    {
      name: 'carillon.notes',
      storage: {
        getItem: (name) => JSON.parse(sessionStorage.getItem(name) ?? 'null'),
        setItem: (name, value) => sessionStorage.setItem(name, JSON.stringify(value)),
        removeItem: (name) => sessionStorage.removeItem(name),
      },
    },
  ),
);
