// The audit log tells people what was changed in the words of the forms: no field of the API, no id, no word of another language.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import i18next from 'i18next';
import { afterEach, describe, expect, it } from 'vitest';

import '../../shared/i18n';
import { changes, FIELDS, nameOf, whoOf } from './audit';

const ANNA = '019aa000-0000-7000-8000-0000000000aa';
const GONE = '019aa000-0000-7000-8000-0000000000ff';
const words = () => i18next.getFixedT(i18next.language, ['admin']);
const row = (entity: string, before: object | null, after: object | null, action = 'update') => ({ entity, action, before, after, names: { [ANNA]: 'Anna Rossi' } }) as never;
const told = (...given: Parameters<typeof row>) => changes(row(...given), words(), i18next.language);

afterEach(() => void i18next.changeLanguage('en'));

it('shows what is another, nested settings too, and nothing else', () => {
  expect(told('queue', { id: '1', name: 'sales', offer_ms: 15000, recording: { record: true, consent: null } }, { id: '1', name: 'sales', offer_ms: 7500, recording: { record: false, consent: 'hello' } })).toEqual([
    'Ring time (s): 15 → 7.5',
    'Record calls: Yes → No',
    'Consent prompt: – → hello',
  ]);
  expect(told('pause_reason', null, { id: '1', name: 'lunch', paid: false }, 'create')).toEqual(['Short name: lunch']);
  expect(told('pause_reason', { name: 'lunch' }, null, 'delete')).toEqual([]);
  expect(told('recording', null, { call_number: 7 }, 'listen')).toEqual([]);
});

it('has choices, lists, ids and secrets in words, in the reader’s language', () => {
  expect(told('user', { agent: { dials: ['internal'], typology: 'external', parts: null } }, { agent: { dials: ['internal', 'national'], typology: 'webrtc', parts: ['calls'] } })).toEqual([
    'Works with: Desk telephone → Browser',
    'May dial: Internal → Internal, National',
    'Shown: Everything → Voice calls',
  ]);
  void i18next.changeLanguage('it');
  expect(told('user', null, { password: 'changed' })).toEqual(['Password: cambiata']);
  expect(told('recording', { rating: null }, { rating: 4 })).toEqual(['Valutazione: – → 4']);
  expect(told('abandoned_call', { reserved_by: ANNA }, { reserved_by: GONE })).toEqual(['Prenotata da: Anna Rossi → (rimosso)']);
  expect(told('second_factor', null, { second_factor: 'on' })).toEqual(['Secondo fattore: Attivo']);
});

it('names what was changed and who did it, and never by a piece of an id', () => {
  expect(nameOf({ name: 'Lunch' }, words())).toBe('Lunch');
  expect(nameOf({ name: null }, words())).toBe('(removed)');
  expect(whoOf({ by: 'sofia', by_name: 'Sofia Greco' }, words())).toBe('Sofia Greco');
  expect(whoOf({ by: 'recording link', by_name: null }, words())).toBe('Somebody with a link');
  expect(whoOf({ by: 'otto', by_name: null }, words())).toBe('otto');
});

describe('the server of these settings', () => {
  /** Public fields of a struct of the server, as they are stored. */
  function fieldsOf(file: string, name: string): string[] {
    const source = readFileSync(join(import.meta.dirname, '../../../..', file), 'utf8');
    const struct = new RegExp(`pub struct ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? '';
    return [...struct.matchAll(/^\s+pub (\w+): /gm)].map((match) => match[1]!).filter((field) => field !== 'id');
  }
  const entity = 'desk/model/src/entity.rs';
  const below = (path: string, fields: string[]) => fields.map((field) => `${path}.${field}`);

  it.each([
    ['user', [...fieldsOf(entity, 'User').filter((field) => field !== 'agent'), ...below('agent', fieldsOf(entity, 'Agent'))]],
    ['phone', fieldsOf(entity, 'Phone')],
    ['queue', [...fieldsOf(entity, 'Queue').filter((field) => field !== 'recording'), ...below('recording', fieldsOf(entity, 'RecordingPolicy'))]],
    ['membership', fieldsOf(entity, 'Membership')],
    ['trunk', [...fieldsOf(entity, 'Trunk').filter((field) => field !== 'account'), ...below('account', fieldsOf(entity, 'TrunkAccount'))]],
    ['outbound_route', [...fieldsOf(entity, 'OutboundRoute').filter((field) => field !== 'recording'), ...below('recording', fieldsOf(entity, 'RecordingPolicy'))]],
    ['pause_reason', fieldsOf(entity, 'PauseReason')],
    ['disposition', fieldsOf('desk/model/src/disposition.rs', 'Disposition')],
    ['api_key', fieldsOf('desk/store/src/api_key.rs', 'ApiKey')],
    ['recording_link', fieldsOf('desk/store/src/recording_link.rs', 'RecordingLink')],
  ])('has no field of a %s that is without words', (kind, fields) => {
    expect(fields.length).toBeGreaterThan(2);
    expect(fields.filter((field) => !(field in FIELDS[kind]!))).toEqual([]);
  });

  it('changes nothing of a kind that the log has no word for', () => {
    const documented = readFileSync(join(import.meta.dirname, '../../../../src/api/audit/list.rs'), 'utf8').split('    entity: Option<String>,')[0]!.split('pub struct AuditQuery {')[1]!;
    const kinds = [...documented.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
    expect(kinds.length).toBeGreaterThan(13);
    const known = i18next.getResource('it', 'admin', 'audit') as { entities: Record<string, string> };
    expect(kinds.filter((kind) => !(kind in known.entities) || !(kind in FIELDS))).toEqual([]);
  });
});
