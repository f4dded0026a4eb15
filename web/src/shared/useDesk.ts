import { useStore } from 'zustand';

import { desk, type Desk } from '../live/desk';

/** A part of what is going on; the component is drawn again when that part changes. */
export function useDesk<Part>(part: (desk: Desk) => Part): Part {
  return useStore(desk, part);
}
