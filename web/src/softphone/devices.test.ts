import { describe, expect, it } from 'vitest';

import { choose, chosen, find } from './devices';

const there = [
  { id: 'a', label: 'Built-in' },
  { id: 'b', label: 'Headset' },
  { id: 'c', label: '' },
];

describe('devices (C1)', () => {
  it('are found again by their label when their id is another', () => {
    expect(find({ id: 'b', label: 'Headset' }, there)?.id).toBe('b');
    expect(find({ id: 'old', label: 'Headset' }, there)?.id).toBe('b');
    expect(find({ id: 'old', label: 'Unplugged' }, there)).toBeUndefined();
    expect(find({ id: 'old', label: '' }, there), 'who has no label is nobody').toBeUndefined();
    expect(find(null, there)).toBeUndefined();
  });

  it('stay chosen, each for its role', () => {
    choose('ring', there[0]!);
    choose('microphone', there[1]!);
    choose('ring', null);
    expect(chosen()).toEqual({ microphone: there[1], speaker: null, ring: null });
  });
});
