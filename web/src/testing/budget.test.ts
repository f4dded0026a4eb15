import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const DIST = join(import.meta.dirname, '../../dist');
const KB = 1000;

/** Bytes a browser fetches for a file. */
function weight(path: string): number {
  const packed = join(DIST, `${path}.br`);
  return statSync(existsSync(packed) ? packed : join(DIST, path)).size;
}

describe('the built desktop', () => {
  it('is there to be measured', () => {
    expect(existsSync(join(DIST, 'index.html')), 'npm run build comes first').toBe(true);
  });

  it('shows an agent the first page for 300 kB of script at most', () => {
    const scripts = [...readFileSync(join(DIST, 'index.html'), 'utf8').matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]!);
    expect(scripts.length).toBeGreaterThan(1);
    expect(scripts.reduce((sum, script) => sum + weight(script), 0)).toBeLessThan(300 * KB);
  });

  it('has no script above 160 kB among those a desk may load', () => {
    expect(ofTheDesk().size).toBeGreaterThan(10);
    const heavy = [...ofTheDesk()].filter((name) => weight(`assets/${name}`) > 160 * KB);
    expect(heavy).toEqual([]);
  });
});

/** Every script the desk loads, now or later; the API reference is a page of its own. */
function ofTheDesk(): Set<string> {
  const named = (text: string) => [...text.matchAll(/([\w.-]+\.js)\b/g)].map((match) => match[1]!).filter((name) => existsSync(join(DIST, 'assets', name)));
  const found = new Set<string>();
  const open = named(readFileSync(join(DIST, 'index.html'), 'utf8'));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    open.push(...named(readFileSync(join(DIST, 'assets', name), 'utf8')));
  }
  return found;
}
