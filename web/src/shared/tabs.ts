import { create } from 'zustand';
import { persist } from 'zustand/middleware';

/** A call that is open beside the lists. */
export interface Tab {
  call: string;
  number: number;
  /** What is new of it since it was last in view. */
  news?: number;
}

interface Tabs {
  open: Tab[];
  show: (tab: Tab) => void;
  close: (call: string) => void;
  /** Something of a call is new. */
  tell: (call: string) => void;
  /** Its tab is in view. */
  see: (call: string) => void;
}

const isInView = (call: string) => location.pathname === `/calls/${call}`;

/** Open work; kept across a reload, forgotten with the browser's tab. */
export const useTabs = create<Tabs>()(
  persist(
    (set) => ({
      open: [],
      show: (tab) => set(({ open }) => (open.some((known) => known.call === tab.call) ? {} : { open: [...open, tab].slice(-40) })),
      tell: (call) => set(({ open }) => (isInView(call) ? {} : { open: open.map((tab) => (tab.call === call ? { ...tab, news: (tab.news ?? 0) + 1 } : tab)) })),
      see: (call) => set(({ open }) => (open.some((tab) => tab.call === call && tab.news) ? { open: open.map((tab) => (tab.call === call ? { ...tab, news: 0 } : tab)) } : {})),
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
