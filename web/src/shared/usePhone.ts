import { useStore } from 'zustand';

import { line, type LineState } from '../softphone/line';

/** A part of how this browser's phone stands; the component is drawn again when that part changes. */
export function usePhone<Part>(part: (line: LineState) => Part): Part {
  return useStore(line, part);
}
