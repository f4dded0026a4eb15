// B11: whatever trouble the server can tell of has words in every language, with all that belongs to it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import i18next from 'i18next';
import { afterAll, describe, expect, it } from 'vitest';

import type { Schemas } from '../api/client';
import { languages } from './i18n';
import { alarmWords, trunkTrouble } from './troubles';

interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: string[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
}

const description = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/api/openapi.json'), 'utf8')) as { components: { schemas: Record<string, Schema> } };

/** Every value that a type of the API can have, as far as its codes go. */
function values(schema: Schema): unknown[] {
  if (schema.$ref) return values(description.components.schemas[schema.$ref.split('/').at(-1)!]!);
  if (schema.oneOf) return schema.oneOf.flatMap(values);
  if (schema.enum) return schema.enum;
  if (schema.items) return values(schema.items).map((one) => [one]);
  if (schema.properties) {
    return Object.entries(schema.properties).reduce<object[]>((all, [name, inner]) => all.flatMap((one) => values(inner).map((value) => ({ ...one, [name]: value }))), [{}]);
  }
  if (schema.type === 'boolean') return [true, false];
  if (schema.type === 'integer') return [401, 403, 404, 423, 503, 600];
  return [schema.format === 'date-time' ? '2026-11-23T09:30:00Z' : 'planted'];
}

const every = <T>(name: string) => values(description.components.schemas[name]!) as T[];

describe.each(Object.keys(languages))('in %s', (language) => {
  const said = (text: () => string) => {
    void i18next.changeLanguage(language);
    return text();
  };
  const whole = (text: string) => {
    expect(text).toMatch(/\p{L}{3}/u);
    expect(text).not.toMatch(/\{\{|\}\}|undefined|common:|shell:|_troubles|alarm_causes/);
  };

  it('every alarm has words', () => {
    const alarms = every<Schemas['Alarm']>('Alarm');
    expect(alarms.length).toBeGreaterThan(7);
    alarms.forEach((alarm) => whole(said(() => alarmWords(alarm, []))));
    expect(new Set(alarms.map((alarm) => said(() => alarmWords(alarm, [])))).size).toBe(alarms.length);
  });

  it('so has every cause, and nothing that belongs to it is kept back', () => {
    const causes = every<Schemas['AlarmCause']>('AlarmCause');
    expect(causes.length).toBeGreaterThan(20);
    for (const cause of causes) {
      const text = said(() => alarmWords('trunk_down', [cause]));
      whole(text);
      if (cause.code === 'trunk') expect(text).toContain(cause.name);
      if (cause.code === 'disk' && cause.why === 'other') expect(text).toContain(cause.said);
    }
  });

  it('so has everything that can be wrong with a trunk', () => {
    const troubles = every<Schemas['TrunkTrouble']>('TrunkTrouble');
    expect(new Set(troubles.map((one) => one.code)).size).toBeGreaterThan(6);
    troubles.forEach((one) => whole(said(() => trunkTrouble(one))));
  });
});

it('differs from one language to the other', () => {
  const told = every<Schemas['TrunkTrouble']>('TrunkTrouble');
  const all = (language: string) => {
    void i18next.changeLanguage(language);
    return told.map(trunkTrouble);
  };
  const [english, italian] = [all('en'), all('it')];
  english.forEach((text, index) => expect(italian[index]).not.toBe(text));
});

afterAll(() => void i18next.changeLanguage('en'));
