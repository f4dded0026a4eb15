import { create } from 'zustand';

interface Dialling {
  number: string;
  /** The abandoned call whose caller it is. */
  abandoned?: string;
  /** Where it was clicked; the focus comes back to it. */
  at: HTMLElement;
}

/** The number whose menu is open: one menu for all numbers of the page, so that long lists stay light. */
export const useDialling = create<{ chosen: Dialling | null }>(() => ({ chosen: null }));
