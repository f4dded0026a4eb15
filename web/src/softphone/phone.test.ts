import { describe, expect, it } from 'vitest';

import { isMute, next, silent, type PhoneEvent, type PhoneState } from './phone';

const after = (...events: PhoneEvent[]): PhoneState => events.reduce(next, silent);
const rings: PhoneEvent = { type: 'rings', id: 'a', from: '1002', byItself: false };

describe('the phone in the page (C1, Z1)', () => {
  it('registers, loses its way and finds it again', () => {
    expect(after({ type: 'connecting' }).registration).toBe('connecting');
    expect(after({ type: 'connecting' }, { type: 'registered' }).registration).toBe('registered');
    const lost = after({ type: 'registered' }, { type: 'lost' }, { type: 'connecting' });
    expect(lost.registration, 'an attempt is not a registration').toBe('lost');
    expect(next(lost, { type: 'registered' }).registration).toBe('registered');
  });

  it('rings, is answered, ends; and is as before', () => {
    const up = after({ type: 'registered' }, rings, { type: 'answering', id: 'a' }, { type: 'up', id: 'a' });
    expect(up.call).toEqual({ id: 'a', state: 'up', from: '1002', byItself: false });
    const muted = next(up, { type: 'muted', muted: true });
    expect(next(muted, { type: 'over', id: 'a' })).toEqual(after({ type: 'registered' }));
  });

  it('keeps its call while the way to the server is lost', () => {
    const lost = after({ type: 'registered' }, rings, { type: 'up', id: 'a' }, { type: 'lost' });
    expect([lost.registration, lost.call?.state]).toEqual(['lost', 'up']);
  });

  it('has one call at a time, and hears nothing of those that are over', () => {
    const up = after(rings, { type: 'up', id: 'a' });
    expect(next(up, { ...rings, id: 'b' } as PhoneEvent)).toBe(up);
    expect(next(up, { type: 'over', id: 'b' })).toBe(up);
    expect(next(up, { type: 'answering', id: 'a' }).call?.state).toBe('up');
  });

  it('is without a microphone only once that is known', () => {
    expect((['unknown', 'ready', 'blocked', 'missing', 'insecure'] as const).map(isMute)).toEqual([false, false, true, true, true]);
  });

  it('is neither muted nor of any quality without a call', () => {
    expect(next(silent, { type: 'muted', muted: true })).toBe(silent);
    expect(next(silent, { type: 'sound', quality: null, warnings: ['weak_network'] })).toBe(silent);
  });
});
