import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';

afterEach(cleanup);

// jsdom lacks what the kit asks browsers for, and every element of it has no size.
for (const [side, size] of [['clientHeight', 600], ['clientWidth', 1200]] as const) Object.defineProperty(HTMLElement.prototype, side, { value: size });
window.matchMedia ??= (query: string) => ({ matches: false, media: query, onchange: null, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {}, dispatchEvent: () => false });
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
