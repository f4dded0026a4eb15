import { route } from './devices';

/** How it rings; `none`: the page shows it only. */
export const RINGTONES = ['classic', 'soft', 'none'] as const;
export type Ringtone = (typeof RINGTONES)[number];

const KEY = 'carillon.ringtone';

export function ringtone(): Ringtone {
  const kept = localStorage.getItem(KEY);
  return RINGTONES.find((known) => known === kept) ?? 'classic';
}

export function setRingtone(to: Ringtone): void {
  localStorage.setItem(KEY, to);
}

const RATE = 16_000;
/** Tones in hertz, and what sounds of each two and a half seconds: from and to, in seconds. */
const MADE_OF = { classic: { tones: [440, 480], sounds: [[0, 0.4], [0.6, 1]] }, soft: { tones: [660, 880], sounds: [[0, 0.25]] } } as const;

/** One turn of a ringtone as a WAV file. */
export function ring(of: Exclude<Ringtone, 'none'>): ArrayBuffer {
  const { tones, sounds } = MADE_OF[of];
  const frames = RATE * 2.5;
  const wav = new DataView(new ArrayBuffer(44 + frames * 2));
  [...'RIFF'].forEach((letter, at) => wav.setUint8(at, letter.charCodeAt(0)));
  wav.setUint32(4, 36 + frames * 2, true);
  [...'WAVEfmt '].forEach((letter, at) => wav.setUint8(8 + at, letter.charCodeAt(0)));
  wav.setUint32(16, 16, true);
  wav.setUint16(20, 1, true);
  wav.setUint16(22, 1, true);
  wav.setUint32(24, RATE, true);
  wav.setUint32(28, RATE * 2, true);
  wav.setUint16(32, 2, true);
  wav.setUint16(34, 16, true);
  [...'data'].forEach((letter, at) => wav.setUint8(36 + at, letter.charCodeAt(0)));
  wav.setUint32(40, frames * 2, true);
  for (let frame = 0; frame < frames; frame += 1) {
    const at = frame / RATE;
    const span = sounds.find(([from, to]) => at >= from && at < to);
    // Soft at both ends, or it clicks.
    const edge = span ? Math.min(1, (at - span[0]) / 0.02, (span[1] - at) / 0.02) : 0;
    const sound = tones.reduce((sum, hz) => sum + Math.sin(2 * Math.PI * hz * at), 0) / tones.length;
    wav.setInt16(44 + frame * 2, Math.round(9000 * edge * sound), true);
  }
  return wav.buffer as ArrayBuffer;
}

/** Rings on the ring device, over and over and never louder, until it is told to stop. */
export class Ringer {
  #playing: { element: HTMLAudioElement; url: string } | undefined;

  start(): void {
    const which = ringtone();
    if (this.#playing || which === 'none') return;
    const url = URL.createObjectURL(new Blob([ring(which)], { type: 'audio/wav' }));
    const element = new Audio(url);
    element.loop = true;
    this.#playing = { element, url };
    // A page that nobody has touched yet may not sound; it shows the call all the same.
    void route(element, 'ring').then(() => this.#playing && element.play()).catch(() => undefined);
  }

  stop(): void {
    if (!this.#playing) return;
    this.#playing.element.pause();
    URL.revokeObjectURL(this.#playing.url);
    this.#playing = undefined;
  }
}
