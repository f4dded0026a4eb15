import { expect, it } from 'vitest';

import { bounds, duration, isDay, seconds, stamp } from './format';
import { matches } from './matches';

it('durations have hours only when there are some, and are never negative', () => {
  expect([0, 59_999, 168_000, 3_849_000, -5].map(duration)).toEqual(['00:00', '00:59', '02:48', '1:04:09', '00:00']);
});

it('a period begins at midnight of its first day and ends with its last', () => {
  const now = new Date(2026, 10, 22, 15, 30);
  expect(bounds({ range: 'today' }, now)).toEqual({ from: new Date(2026, 10, 22).toISOString() });
  expect(bounds({}, now)).toEqual({ from: new Date(2026, 10, 16).toISOString() });
  expect(bounds({ range: 'all' }, now)).toEqual({});
  expect(bounds({ range: 'dates', from: '2026-03-01', to: '2026-03-31' })).toEqual({ from: new Date(2026, 2, 1).toISOString(), until: new Date(2026, 3, 1).toISOString() });
  expect(bounds({ range: 'dates' })).toEqual({ from: undefined, until: undefined });
  expect(['2026-03-01', '2026-13-01', 'soon'].map(isDay)).toEqual([true, false, false]);
});

it('a search finds part of any value in any case', () => {
  expect(matches('ROS', ['Anna Rossi', 1001])).toBe(true);
  expect(matches('99', ['Anna Rossi', 1001, null])).toBe(false);
  expect(matches('  ', [])).toBe(true);
});

it('a moment in a file is the site’s, with its offset of that day, wherever the file is written', () => {
  expect(stamp('2026-11-23T18:20:05Z', 'Europe/Rome')).toBe('2026-11-23T19:20:05+01:00');
  expect(stamp('2026-07-01T22:30:00Z', 'Europe/Rome')).toBe('2026-07-02T00:30:00+02:00');
  expect(stamp('2026-11-23T00:00:00Z', 'UTC')).toBe('2026-11-23T00:00:00+00:00');
  expect(stamp('2026-11-23T00:00:00Z', 'America/St_Johns')).toBe('2026-11-22T20:30:00-03:30');
});

it('a file holds as many seconds as the page shows', () => {
  expect([59_999, 1500, 0, undefined].map(seconds)).toEqual([59, 1, 0, null]);
  expect(duration(59_999)).toBe('00:59');
});
