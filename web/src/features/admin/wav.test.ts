import { expect, it } from 'vitest';

import { wav } from './wav';

it('is a telephone’s WAV file, loud parts cut off and not turned over', () => {
  const file = new DataView(wav(new Float32Array([0, 0.5, 1, 2, -3])));
  expect(new TextDecoder().decode(file.buffer.slice(0, 4))).toBe('RIFF');
  expect([file.byteLength, file.getUint32(24, true), file.getUint16(22, true), file.getUint32(40, true)]).toEqual([54, 8000, 1, 10]);
  expect([0, 1, 2, 3, 4].map((at) => file.getInt16(44 + at * 2, true))).toEqual([0, 16384, 32767, 32767, -32767]);
});
