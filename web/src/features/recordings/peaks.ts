/** How loud a stretch of a recording is, 0 to 1: the caller on the left, the agent on the right. */
export interface Peak {
  caller: number;
  agent: number;
}

const HEADER = 44;
const FRAME = 4;
const CHUNK = 4096;
/** A file up to this many bytes is read whole; of longer ones a sample of each stretch. */
const WHOLE = 4 << 20;

/** The loudest sample of each channel among 16-bit stereo frames. */
export function loudest(pcm: DataView): Peak {
  let [caller, agent] = [0, 0];
  for (let at = 0; at + FRAME <= pcm.byteLength; at += FRAME) {
    caller = Math.max(caller, Math.abs(pcm.getInt16(at, true)));
    agent = Math.max(agent, Math.abs(pcm.getInt16(at + 2, true)));
  }
  return { caller: caller / 32768, agent: agent / 32768 };
}

/** One peak a stretch, of a whole file's samples. */
export function peaksOf(pcm: ArrayBuffer, stretches: number): Peak[] {
  const frames = Math.floor(pcm.byteLength / FRAME);
  return Array.from({ length: stretches }, (_, index) => {
    const from = Math.floor((index * frames) / stretches) * FRAME;
    const to = Math.max(from, Math.floor(((index + 1) * frames) / stretches) * FRAME);
    return loudest(new DataView(pcm, from, to - from));
  });
}

/** Reads a recording's peaks by ranges (RFC 9110 14), so that an hour's file costs a few hundred kilobytes. */
export async function readPeaks(url: string, bytes: number, stretches: number, signal: AbortSignal): Promise<Peak[]> {
  const range = async (from: number, to: number) => {
    const answer = await fetch(url, { headers: { Range: `bytes=${from}-${to}` }, signal });
    if (answer.status !== 206) throw new Error(`no range of the recording: ${answer.status}`);
    return answer.arrayBuffer();
  };
  if (bytes <= HEADER + FRAME) return [];
  if (bytes <= WHOLE) return peaksOf(await range(HEADER, bytes - 1), stretches);
  const samples = Math.min(stretches, 100);
  const peaks: Peak[] = [];
  for (let index = 0; index < samples; index += 1) {
    const from = HEADER + Math.floor((index * (bytes - HEADER - CHUNK)) / samples / FRAME) * FRAME;
    peaks.push(loudest(new DataView(await range(from, from + CHUNK - 1))));
  }
  return peaks;
}
