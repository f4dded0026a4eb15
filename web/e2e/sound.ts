import { until } from './server';

const SECOND = 8000;
/** What is looked at: the newest 0.4 s. */
const WINDOW = 3200;

/** A tone at 8 kHz as a WAV file: what a phone says. */
export function tone(hz: number, seconds: number): Buffer {
  const frames = SECOND * seconds;
  const wav = Buffer.alloc(44 + frames * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + frames * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SECOND, 24);
  wav.writeUInt32LE(SECOND * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(frames * 2, 40);
  for (let index = 0; index < frames; index += 1) wav.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * hz * index) / SECOND)), 44 + index * 2);
  return wav;
}

/** How much of some sound at 8 kHz is this tone, of full scale. */
export function share(sound: Int16Array, hz: number): number {
  let [sine, cosine] = [0, 0];
  sound.forEach((sample, at) => {
    sine += sample * Math.sin((2 * Math.PI * hz * at) / SECOND);
    cosine += sample * Math.cos((2 * Math.PI * hz * at) / SECOND);
  });
  return (2 * Math.hypot(sine, cosine)) / sound.length / 32_768;
}

/** The samples of a WAV file of 16 bits, as far as it is written. */
export function samples(file: Buffer): Int16Array {
  const bytes = file.subarray(44);
  return new Int16Array(new Uint8Array(bytes.subarray(0, bytes.length & ~1)).buffer);
}

/** Whether a sound is one of these tones, or all of those and none of the others. */
export function isJust(sound: Int16Array, tones: Record<number, boolean>): boolean {
  return Object.entries(tones).every(([hz, wanted]) => (wanted ? share(sound, Number(hz)) > 0.1 : share(sound, Number(hz)) < 0.02));
}

/** What a telephone hears in its newest call. */
export abstract class Ears {
  #forgotten = { call: '', samples: 0 };

  protected constructor(readonly name: string) {}

  /** Which call it is, and all that was heard in it, 8 kHz. */
  protected abstract heard(): { call: string; sound: Int16Array };

  /** What was heard so far counts no more. */
  forget(): void {
    const { call, sound } = this.heard();
    this.#forgotten = { call, samples: sound.length };
  }

  /** How much of the last 0.4 s it heard is a tone, of full scale. */
  level(hz: number): number {
    return share(this.heard().sound.subarray(-WINDOW), hz);
  }

  /** What was heard since. */
  news(): Int16Array {
    const { call, sound } = this.heard();
    return call === this.#forgotten.call ? sound.subarray(this.#forgotten.samples) : sound;
  }

  /** Waits until the newest of what it heard are a tone. */
  async hears(hz: number): Promise<void> {
    await this.hearsJust({ [hz]: true });
  }

  /** Waits until the newest of what it heard are these tones, and those not. */
  async hearsJust(tones: Record<number, boolean>): Promise<void> {
    await until(`${JSON.stringify(tones)} at ${this.name}`, () => {
      const sound = this.news().subarray(-WINDOW);
      return sound.length === WINDOW && isJust(sound, tones) ? true : undefined;
    }, 30_000);
  }

  /** Waits until it heard something that is none of these tones: music. */
  async hearsMusic(...tones: number[]): Promise<void> {
    await until(`music at ${this.name}`, () => {
      const sound = this.news().subarray(-WINDOW);
      const loudest = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      return sound.length === WINDOW && loudest > 500 && tones.every((hz) => share(sound, hz) < 0.02) ? true : undefined;
    }, 30_000);
  }
}
