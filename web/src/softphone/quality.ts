import type { Quality, Warning } from './phone';

/** Counters of a call so far, as the browser keeps them. */
export interface Counters {
  at: number;
  received: number;
  lost: number;
  jitterMs: number;
  roundTripMs: number | null;
}

/** How often they are read, milliseconds. */
export const EVERY = 2000;
/** Without a packet for this long nothing is heard. */
const UNHEARD = 5000;
/** How loud somebody is who speaks, of full scale. */
const SPEAKS = 0.04;

/** Reads the counters of a connection. */
export function counters(report: RTCStatsReport, at: number): Counters {
  const read: Counters = { at, received: 0, lost: 0, jitterMs: 0, roundTripMs: null };
  report.forEach((stats: { type: string; kind?: string; packetsReceived?: number; packetsLost?: number; jitter?: number; roundTripTime?: number; currentRoundTripTime?: number; nominated?: boolean }) => {
    if (stats.type === 'inbound-rtp' && stats.kind === 'audio') {
      read.received += stats.packetsReceived ?? 0;
      read.lost += stats.packetsLost ?? 0;
      read.jitterMs = (stats.jitter ?? 0) * 1000;
    }
    if (stats.type === 'candidate-pair' && stats.nominated && stats.currentRoundTripTime !== undefined) read.roundTripMs = stats.currentRoundTripTime * 1000;
  });
  return read;
}

/** How the call sounded between two readings. */
export function between(before: Counters, now: Counters): Quality {
  const received = Math.max(0, now.received - before.received);
  const lost = Math.max(0, now.lost - before.lost);
  const lossPercent = received + lost === 0 ? 0 : (100 * lost) / (received + lost);
  return { lossPercent, jitterMs: now.jitterMs, roundTripMs: now.roundTripMs, mos: mos(lossPercent, now.jitterMs, now.roundTripMs ?? 0) };
}

/** An estimate by the E-model (ITU-T G.107): delay, with jitter as the buffer makes delay of it, and loss. */
function mos(lossPercent: number, jitterMs: number, roundTripMs: number): number {
  const delay = roundTripMs / 2 + jitterMs * 2 + 20;
  const late = Math.max(0, delay - 177.3);
  const r = 93.2 - 0.024 * delay - 0.11 * late - (95 * lossPercent) / (lossPercent + 4.3);
  if (r <= 0) return 1;
  return Math.min(4.5, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

/** Watches a call's sound: give it each reading, and ask what is wrong. */
export class SoundWatch {
  #before: Counters | undefined;
  #heardAt: number | undefined;
  #weak = 0;
  #quality: Quality | null = null;

  read(now: Counters): void {
    const before = this.#before;
    this.#before = now;
    if (this.#heardAt === undefined || !before || now.received > before.received) this.#heardAt = now.at;
    if (!before) return;
    this.#quality = between(before, now);
    const weak = this.#quality.lossPercent > 5 || this.#quality.mos < 3.1;
    this.#weak = weak ? this.#weak + 1 : 0;
  }

  get quality(): Quality | null {
    return this.#quality;
  }

  /** What a person should be told; `level` is how loud the microphone is, also while it is muted. */
  warnings(now: number, muted: boolean, level: number): Warning[] {
    const found: Warning[] = [];
    if (muted && level > SPEAKS) found.push('muted_and_speaking');
    if (this.#heardAt !== undefined && now - this.#heardAt >= UNHEARD) found.push('nothing_heard');
    // Two readings in a row: one lost burst is no news.
    if (this.#weak >= 2) found.push('weak_network');
    return found;
  }
}
