import { afterEach, expect, it, vi } from 'vitest';

import { peaksOf, readPeaks } from './peaks';

/** Frames of 16-bit stereo: caller, agent. */
function pcm(frames: [number, number][]): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(frames.length * 4));
  frames.forEach(([caller, agent], index) => {
    view.setInt16(index * 4, caller, true);
    view.setInt16(index * 4 + 2, agent, true);
  });
  return view.buffer;
}

afterEach(() => vi.unstubAllGlobals());

it('each stretch shows its loudest sample of each side', () => {
  const peaks = peaksOf(pcm([[0, 0], [-16384, 100], [8192, 0], [0, 32767]]), 2);
  expect(peaks.map((peak) => [peak.caller, Math.round(peak.agent * 100)])).toEqual([[0.5, 0], [0.25, 100]]);
});

it('an hour of a recording is sampled, not fetched', async () => {
  const asked: number[] = [];
  vi.stubGlobal('fetch', (_: string, { headers }: { headers: { Range: string } }) => {
    const [from, to] = headers.Range.slice(6).split('-').map(Number) as [number, number];
    expect((from - 44) % 4).toBe(0);
    asked.push(to - from + 1);
    return Promise.resolve({ status: 206, arrayBuffer: () => Promise.resolve(pcm([[3277, 0]])) });
  });
  const peaks = await readPeaks('/audio', 115_200_044, 160, new AbortController().signal);
  expect(peaks).toHaveLength(100);
  expect(asked.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(500_000);
});
