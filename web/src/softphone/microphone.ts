import { openMicrophone } from './devices';

/** How loud a stream is, 0 to 1, while it is listened to. */
export class Meter {
  #context = new AudioContext();
  #ear = this.#context.createAnalyser();
  #samples = new Float32Array(1024);
  #track: MediaStreamTrack;

  constructor(stream: MediaStream) {
    // A track of its own: one that is muted elsewhere is heard here still.
    this.#track = stream.getAudioTracks()[0]!.clone();
    this.#track.enabled = true;
    this.#ear.fftSize = 1024;
    this.#context.createMediaStreamSource(new MediaStream([this.#track])).connect(this.#ear);
    void this.#context.resume();
  }

  get level(): number {
    this.#ear.getFloatTimeDomainData(this.#samples);
    return Math.sqrt(this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length);
  }

  stop(): void {
    this.#track.stop();
    void this.#context.close();
  }
}

/** How long the echo test listens, milliseconds. */
export const ECHO = 3000;

/** Listens for three seconds; gives what it heard, to be played. `level` is told how loud it is meanwhile. */
export async function listen(level: (level: number) => void): Promise<Blob> {
  const stream = await openMicrophone();
  const meter = new Meter(stream);
  const told = setInterval(() => level(meter.level), 80);
  try {
    const recorder = new MediaRecorder(stream);
    const parts: Blob[] = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const stopped = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, ECHO));
    recorder.stop();
    await stopped;
    return new Blob(parts, { type: recorder.mimeType });
  } finally {
    clearInterval(told);
    meter.stop();
    stream.getTracks().forEach((track) => track.stop());
  }
}
