/** The rate of a telephone line. */
const RATE = 8000;

/** Any audio this browser can play, as the WAV file the server takes: 8 kHz, 16 bits, one channel. What is WAV already goes as it is. */
export async function asWav(file: File): Promise<Blob> {
  const bytes = await file.arrayBuffer();
  if (new TextDecoder('latin1').decode(bytes.slice(0, 4)) === 'RIFF') return file;
  // The server says in words what is wrong with what no browser can play.
  const decoded = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes.slice(0)).catch(() => undefined);
  return decoded ? new Blob([wav(mono(decoded))], { type: 'audio/wav' }) : file;
}

function mono(audio: AudioBuffer): Float32Array {
  const mixed = new Float32Array(audio.length);
  for (let channel = 0; channel < audio.numberOfChannels; channel += 1) {
    audio.getChannelData(channel).forEach((sample, at) => (mixed[at]! += sample / audio.numberOfChannels));
  }
  return mixed;
}

/** A whole WAV file of samples from -1 to 1. */
export function wav(samples: Float32Array): ArrayBuffer {
  const file = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at: number, letters: string) => [...letters].forEach((letter, index) => file.setUint8(at + index, letter.charCodeAt(0)));
  text(0, 'RIFF');
  file.setUint32(4, 36 + samples.length * 2, true);
  text(8, 'WAVEfmt ');
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true);
  file.setUint16(22, 1, true);
  file.setUint32(24, RATE, true);
  file.setUint32(28, RATE * 2, true);
  file.setUint16(32, 2, true);
  file.setUint16(34, 16, true);
  text(36, 'data');
  file.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, at) => file.setInt16(44 + at * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true));
  return file.buffer as ArrayBuffer;
}
