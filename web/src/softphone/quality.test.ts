import { describe, expect, it } from 'vitest';

import { between, SoundWatch, type Counters } from './quality';

const at = (seconds: number, received: number, lost = 0): Counters => ({ at: seconds * 1000, received, lost, jitterMs: 2, roundTripMs: 20 });

describe('how a call sounds (C1)', () => {
  it('is all but perfect where nothing is lost, and worse the more is', () => {
    const clean = between(at(0, 0), at(2, 100)).mos;
    const lossy = between(at(0, 0), at(2, 90, 10));
    expect(clean).toBeGreaterThan(4.2);
    expect(lossy.lossPercent).toBe(10);
    expect(lossy.mos).toBeLessThan(2.6);
    expect(lossy.mos).toBeGreaterThanOrEqual(1);
  });

  it('is told of after five seconds without a packet, until one comes', () => {
    const watch = new SoundWatch();
    [at(0, 0), at(2, 100), at(4, 100), at(6, 100)].forEach((reading) => watch.read(reading));
    expect(watch.warnings(6000, false, 0)).toEqual([]);
    expect(watch.warnings(7000, false, 0)).toEqual(['nothing_heard']);
    watch.read(at(8, 150));
    expect(watch.warnings(8000, false, 0)).toEqual([]);
  });

  it('is weak after two bad readings in a row', () => {
    const watch = new SoundWatch();
    [at(0, 0), at(2, 80, 20)].forEach((reading) => watch.read(reading));
    expect(watch.warnings(2000, false, 0)).toEqual([]);
    watch.read(at(4, 160, 40));
    expect(watch.warnings(4000, false, 0)).toEqual(['weak_network']);
    watch.read(at(6, 260, 40));
    expect(watch.warnings(6000, false, 0)).toEqual([]);
  });

  it('says so to whoever speaks and is muted', () => {
    const watch = new SoundWatch();
    expect(watch.warnings(0, true, 0.2)).toEqual(['muted_and_speaking']);
    expect(watch.warnings(0, false, 0.2)).toEqual([]);
    expect(watch.warnings(0, true, 0.001)).toEqual([]);
  });
});
