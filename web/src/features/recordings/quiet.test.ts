import { expect, it } from 'vitest';

import { after } from './quiet';

it('K4: goes on at the end of a stretch of silence, and stays where somebody speaks', () => {
  const quiet = [{ from_ms: 1400, to_ms: 5600 }, { from_ms: 9400, to_ms: 12_600 }];
  expect([0.5, 1.5, 5.5, 7.5, 10].map((at) => after(quiet, at))).toEqual([undefined, 5.6, undefined, undefined, 12.6]);
});
