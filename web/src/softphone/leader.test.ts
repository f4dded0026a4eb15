import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { takePart, type Lead } from './leader';

/** What jsdom lacks: a lock that is held by one at a time, and a channel between the tabs of this test. */
class Locks {
  #waiting: (() => Promise<void>)[] = [];
  #held = false;

  request(_name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = () => hold().then(resolve);
      this.#waiting.push(turn);
      signal.addEventListener('abort', () => {
        if (!this.#waiting.includes(turn)) return;
        this.#waiting = this.#waiting.filter((other) => other !== turn);
        reject(new DOMException('gone', 'AbortError'));
      });
      void this.#pass();
    });
  }

  async #pass(): Promise<void> {
    const turn = this.#held ? undefined : this.#waiting.shift();
    if (!turn) return;
    this.#held = true;
    await turn();
    this.#held = false;
    void this.#pass();
  }
}

class Channel {
  static all: Channel[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor() {
    Channel.all.push(this);
  }

  postMessage(data: unknown): void {
    Channel.all.filter((other) => other !== this).forEach((other) => queueMicrotask(() => other.onmessage?.({ data })));
  }

  close(): void {
    Channel.all = Channel.all.filter((other) => other !== this);
  }
}

interface Tab {
  lead: Lead<string, string>;
  leads: boolean;
  heard: string[];
}

function tab(): Tab {
  const made: Tab = { lead: undefined as never, leads: false, heard: [] };
  made.lead = takePart<string, string>('phone', {
    lead: () => (made.leads = true),
    ordered: (order) => made.heard.push(`order ${order}`),
    shown: (state) => made.heard.push(`state ${state}`),
  });
  return made;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('one phone a browser (Z1)', () => {
  beforeEach(() => {
    vi.stubGlobal('BroadcastChannel', Channel);
    Object.defineProperty(navigator, 'locks', { configurable: true, value: new Locks() });
  });
  afterEach(() => {
    Channel.all = [];
    vi.unstubAllGlobals();
  });

  it('is the first tab; the second is shown what it does and orders it', async () => {
    const first = tab();
    await settled();
    first.lead.show('registered');
    const second = tab();
    await settled();
    expect([first.leads, second.leads, second.heard]).toEqual([true, false, ['state registered']]);
    second.lead.order('answer');
    await settled();
    expect(first.heard).toEqual(['order answer']);
    second.lead.show('nothing that is its to show');
    await settled();
    expect(first.heard).toEqual(['order answer']);
  });

  it('is the next tab when the first closes, and never one that closed before', async () => {
    const [first, second, third] = [tab(), tab(), tab()];
    await settled();
    second.lead.leave();
    first.lead.leave();
    await settled();
    expect([second.leads, third.leads]).toEqual([false, true]);
    third.lead.order('mute');
    expect(third.heard).toContain('order mute');
  });
});
