import { expect, it } from 'vitest';

import { duration, rangeStart } from './format';
import { matches } from './matches';

it('durations have hours only when there are some, and are never negative', () => {
  expect([0, 59_999, 168_000, 3_849_000, -5].map(duration)).toEqual(['00:00', '00:59', '02:48', '1:04:09', '00:00']);
});

it('a period begins at midnight of its first day', () => {
  const now = new Date(2026, 10, 22, 15, 30);
  expect(rangeStart('today', now)).toBe(new Date(2026, 10, 22).toISOString());
  expect(rangeStart('week', now)).toBe(new Date(2026, 10, 16).toISOString());
  expect(rangeStart('all', now)).toBeUndefined();
});

it('a search finds part of any value in any case', () => {
  expect(matches('ROS', ['Anna Rossi', 1001])).toBe(true);
  expect(matches('99', ['Anna Rossi', 1001, null])).toBe(false);
  expect(matches('  ', [])).toBe(true);
});
