import { createHmac } from 'node:crypto';

/** The telephone's authenticator (RFC 6238), for a secret as the page shows it; `later`: steps of half a minute from now. */
export function code(secret: string, later = 0): string {
  const bits = [...secret.replaceAll(' ', '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((octet) => parseInt(octet, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const tag = createHmac('sha1', key).update(step).digest();
  return String((tag.readUInt32BE(tag.at(-1)! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
