import { expect, it } from 'vitest';

import { after, quietStretches } from './quiet';

const loud = { caller: 0.3, agent: 0 };
const low = { caller: 0.005, agent: 0.002 };

it('K4: long pauses are found with a margin on both sides, short ones and speech of either side are left', () => {
  // A second each: speech, five of silence, speech, one of silence, speech of the other side, four of silence.
  const peaks = [loud, low, low, low, low, low, loud, low, { caller: 0, agent: 0.2 }, low, low, low, low];
  const quiet = quietStretches(peaks, 13);
  expect(quiet).toEqual([{ from: 1.4, to: 5.6 }, { from: 9.4, to: 12.6 }]);
  expect([0.5, 1.5, 5.5, 7.5, 10].map((at) => after(quiet, at))).toEqual([undefined, 5.6, undefined, undefined, 12.6]);
});
