import { create } from 'zustand';
import { persist } from 'zustand/middleware';

/** A call that is open beside the lists. */
export interface Tab {
  call: string;
  number: number;
}

interface Tabs {
  open: Tab[];
  show: (tab: Tab) => void;
  close: (call: string) => void;
}

/** Open work; kept across a reload, forgotten with the browser's tab. */
export const useTabs = create<Tabs>()(
  persist(
    (set) => ({
      open: [],
      show: (tab) => set(({ open }) => (open.some((known) => known.call === tab.call) ? {} : { open: [...open, tab].slice(-40) })),
      close: (call) => set(({ open }) => ({ open: open.filter((known) => known.call !== call) })),
    }),
    {
      name: 'carillon.tabs',
      storage: {
        getItem: (name) => JSON.parse(sessionStorage.getItem(name) ?? 'null'),
        setItem: (name, value) => sessionStorage.setItem(name, JSON.stringify(value)),
        removeItem: (name) => sessionStorage.removeItem(name),
      },
    },
  ),
);
