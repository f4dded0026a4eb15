import { useSyncExternalStore } from 'react';

// One ticker for every clock on the page, so that they change together. Clocks are drawn from timestamps, never counted.
let now = Date.now();
let ticking: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now();
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!ticking) {
    now = Date.now();
    ticking = setInterval(tick, 500);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** The time in epoch milliseconds, twice a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
