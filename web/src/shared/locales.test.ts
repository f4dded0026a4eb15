import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const WEB = join(import.meta.dirname, '../..');

function keys(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => (typeof inner === 'string' ? [path + key] : keys(inner as object, `${path}${key}.`)));
}

function read(language: string, feature: string): object {
  return JSON.parse(readFileSync(join(WEB, 'locales', language, feature), 'utf8')) as object;
}

describe('the languages', () => {
  it.each(readdirSync(join(WEB, 'locales/en')))('have the same words in %s, and none without words', (feature) => {
    expect(keys(read('it', feature))).toEqual(keys(read('en', feature)));
    expect(JSON.stringify([read('it', feature), read('en', feature)])).not.toContain('""');
  });
});

describe('the client', () => {
  it('is generated from the description that is committed', () => {
    const made = execFileSync(process.execPath, ['node_modules/openapi-typescript/bin/cli.js', '../docs/api/openapi.json'], { cwd: WEB, encoding: 'utf8' });
    expect(readFileSync(join(WEB, 'src/api/schema.d.ts'), 'utf8').trim()).toBe(made.trim());
  });
});
