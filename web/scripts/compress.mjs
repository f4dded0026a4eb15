// Lays a brotli and a gzip of every text file of the build beside it: the server hands them out as they are.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const DIST = resolve(import.meta.dirname, '../dist');
/** Below this many bytes a packet is a packet. */
const SMALLEST = 1024;

for (const name of readdirSync(DIST, { recursive: true })) {
  const path = join(DIST, name);
  // The page itself is made anew for each request.
  if (!/\.(js|css|svg|json)$/.test(name) || statSync(path).size < SMALLEST) continue;
  const text = readFileSync(path);
  writeFileSync(`${path}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }));
  writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
}
