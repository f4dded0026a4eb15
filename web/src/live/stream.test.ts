import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { desk, nothing } from './desk';
import { SILENCE, Stream } from './stream';

class FakeSocket {
  static all: FakeSocket[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason?: string }) => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  close() {
    this.closed = true;
  }
  tell(seq: number | undefined, prev: number, type: string, data: object = {}) {
    this.onmessage?.({ data: JSON.stringify({ epoch: 3, seq, prev, at: '2026-11-22T08:00:00Z', type, data }) });
  }
}

const whole = { agents: [], queues: [], waiting: [], calls: [], resumed: false };
const last = () => FakeSocket.all.at(-1)!;
const listener = { stale: vi.fn(), signedOut: vi.fn(), takenOver: vi.fn(), doubt: vi.fn() };
let stream: Stream;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
  desk.setState(nothing, true);
  stream = new Stream('ws://desk/events', listener);
  stream.start();
});

afterEach(() => {
  stream.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

describe('the stream', () => {
  it('is live from its snapshot on, and has lists read anew', () => {
    last().tell(10, 0, 'snapshot', whole);
    vi.advanceTimersByTime(50);
    expect(desk.getState().connection).toBe('live');
    expect(listener.stale).toHaveBeenCalledWith(['lists', 'abandoned', 'setup', 'notifications']);
  });

  it('asks for what is missing when a message follows another than the last seen', () => {
    last().tell(10, 0, 'snapshot', whole);
    last().tell(12, 10, 'call.ended', { call: 'c1' });
    expect(FakeSocket.all).toHaveLength(1);
    last().tell(15, 14, 'call.ended', { call: 'c2' });
    expect(FakeSocket.all[0]?.closed).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(last().url).toBe('ws://desk/events?epoch=3&after=12');
  });

  it('sees a hole by a heartbeat too', () => {
    last().tell(10, 0, 'snapshot', whole);
    last().tell(undefined, 11, 'heartbeat');
    expect(FakeSocket.all[0]?.closed).toBe(true);
  });

  it('takes missed facts that come before the snapshot of a resumed stream', () => {
    last().tell(10, 0, 'snapshot', whole);
    last().onclose?.({ code: 1006 });
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.all).toHaveLength(2);
    last().tell(12, 10, 'call.ended', { call: 'c1' });
    last().tell(12, 12, 'snapshot', { ...whole, resumed: true });
    last().tell(undefined, 12, 'heartbeat');
    expect(last().closed).toBe(false);
  });

  it('says so after twelve seconds of silence and connects again', () => {
    last().tell(10, 0, 'snapshot', whole);
    vi.advanceTimersByTime(50);
    vi.advanceTimersByTime(SILENCE);
    expect(desk.getState().connection).toBe('lost');
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
    last().tell(10, 10, 'snapshot', { ...whole, resumed: true });
    vi.advanceTimersByTime(50);
    expect(desk.getState().connection).toBe('live');
  });

  it('waits longer from try to try, and not at all once the network is back', () => {
    const waits = Array.from({ length: 7 }, () => {
      const opened = FakeSocket.all.length;
      let waited = 0;
      last().onclose?.({ code: 1006 });
      while (FakeSocket.all.length === opened && waited < 30_000) {
        vi.advanceTimersByTime(100);
        waited += 100;
      }
      return waited;
    });
    // Half a second at first, fifteen at last, each give or take a third so that desktops do not come back all at once.
    expect(waits[0]).toBeLessThanOrEqual(700);
    expect(waits[6]).toBeGreaterThanOrEqual(10_500);
    expect(waits[6]).toBeLessThanOrEqual(19_600);
    last().onclose?.({ code: 1006 });
    const before = FakeSocket.all.length;
    vi.advanceTimersByTime(5000);
    expect(FakeSocket.all).toHaveLength(before);
    window.dispatchEvent(new Event('online'));
    expect(FakeSocket.all).toHaveLength(before + 1);
    expect(listener.doubt).toHaveBeenCalled();
  });

  it('ends with the session', () => {
    last().onclose?.({ code: 4401 });
    expect(listener.signedOut).toHaveBeenCalled();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('AB12: says from where the work was taken over, and stays away', () => {
    last().onclose?.({ code: 4410, reason: '192.0.2.7' });
    expect(listener.takenOver).toHaveBeenCalledWith('192.0.2.7');
    expect(listener.signedOut).not.toHaveBeenCalled();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});
