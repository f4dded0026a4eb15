import type { ParseKeys, TFunction } from 'i18next';

import type { Schemas } from '../../api/client';
import { fully } from '../../shared/format';

type Row = Pick<Schemas['AuditRow'], 'before' | 'after' | 'names'> & { entity: string; action: string };
type Settings = Record<string, unknown>;
type Words = TFunction<['admin']>;
type Key = ParseKeys<'admin'>;

/** Who acts where nobody is signed in. */
const COMMANDS: Record<string, Key> = { 'setup file': 'audit.commands.setup_file', 'recording link': 'audit.commands.recording_link' };

/** The same as their forms have it; what stands in no form has words of its own. */
export const FIELDS: Record<string, Record<string, Key>> = {
  user: {
    login: 'fields.login', name: 'fields.name', role: 'fields.role', password: 'fields.password', email: 'fields.email', disabled: 'fields.disabled', locked: 'audit.fields.locked', invited: 'audit.fields.invited',
    'agent.number': 'fields.number', 'agent.typology': 'fields.typology', 'agent.wrapup_ms': 'fields.own_wrapup', 'agent.dials': 'fields.dials', 'agent.caller_id': 'fields.caller_id', 'agent.remote_control': 'fields.remote_control', 'agent.alias': 'fields.alias', 'agent.parts': 'fields.parts', 'agent.logs_in_paused': 'fields.logs_in_paused', agent: 'fields.takes_calls',
  },
  phone: { name: 'fields.sip_name', label: 'fields.label', password: 'fields.sip_password', any_media_source: 'fields.any_media_source', auto_answer: 'fields.auto_answer', dials: 'fields.phone_dials', media_security: 'fields.media_security' },
  queue: { name: 'fields.name_of_queue', label: 'fields.label', strategy: 'fields.strategy', offer_ms: 'fields.offer_ms', wrapup_ms: 'fields.wrapup_ms', misses_pause: 'fields.misses_pause', max_wait_ms: 'fields.max_wait_ms', max_waiting: 'fields.max_waiting', music: 'fields.music', 'recording.record': 'fields.record', 'recording.consent': 'fields.consent', caller_id: 'fields.queue_caller_id', keep_recordings_days: 'fields.keep_recordings_days' },
  membership: { priority: 'audit.fields.priority', queue: 'audit.entities.queue', agent: 'roles.agent' },
  trunk: { name: 'fields.name_of_trunk', host: 'fields.host', port: 'fields.trunk_port', transport: 'fields.transport', password: 'fields.account_password', 'account.user': 'fields.account_user', 'account.realm': 'fields.realm', 'account.register': 'fields.register', 'account.register_s': 'fields.register_s', account: 'fields.account_user', options: 'fields.options', large_by_tcp: 'fields.large_by_tcp', max_calls: 'fields.max_calls', max_calls_per_hour: 'fields.max_calls_per_hour', media_security: 'fields.media_security' },
  outbound_route: { prefix: 'fields.prefix', class: 'fields.class', trunk: 'fields.trunk', fallback: 'fields.fallback', caller_id: 'fields.route_caller_id', 'recording.record': 'fields.record', 'recording.consent': 'fields.consent' },
  pause_reason: { name: 'fields.name_of_pause', label: 'fields.label', is_default: 'fields.default', paid: 'fields.paid' },
  disposition: { name: 'fields.name', parent: 'fields.parent', custom: 'fields.custom', position: 'fields.position', queues: 'fields.queues' },
  api_key: { name: 'keys.name', hint: 'keys.begins', user: 'keys.user', scopes: 'keys.scopes', created_at: 'audit.fields.created_at', last_used_at: 'keys.last_used', revoked_at: 'keys.revoked' },
  recording: { rating: 'audit.fields.rating', call_number: 'audit.entities.call' },
  recording_link: { recording: 'audit.entities.recording', made_by: 'audit.fields.made_by', created_at: 'audit.fields.created_at', expires_at: 'audit.fields.expires_at', opened_at: 'audit.fields.opened_at' },
  abandoned_call: { reserved_by: 'audit.fields.reserved_by' },
  call: { supervision: 'audit.fields.supervision', disposition: 'audit.entities.disposition', names: 'audit.entities.disposition', note: 'audit.fields.note' },
  sound: { kind: 'sounds.kind', length_ms: 'audit.fields.length' },
  second_factor: { second_factor: 'audit.entities.second_factor', recovery_codes: 'audit.fields.recovery_codes', recovery_code: 'audit.fields.recovery_code' },
};

/** Values that are words of ours, by the field they stand in. */
const CHOICES: Record<string, (value: string) => string> = {
  role: (value) => `roles.${value}`,
  'agent.typology': (value) => `typologies.${value}`,
  'agent.dials': (value) => `dials.${value}`,
  'agent.parts': (value) => `parts.${value}`,
  dials: (value) => `dials.${value}`,
  strategy: (value) => `strategies.${value}`,
  auto_answer: (value) => `auto_answers.${value}`,
  media_security: (value) => `media_securities.${value}`,
  class: (value) => `classes.${value}`,
  scopes: (value) => `scopes.${value}`,
  kind: (value) => `sounds.kinds.${value}`,
  supervision: (value) => `audit.supervision.${value}`,
  second_factor: (value) => `signing_in.${value}`,
  password: (value) => `audit.values.${value}`,
  recovery_codes: (value) => `audit.values.${value}`,
  recovery_code: (value) => `audit.values.${value}`,
};

/** What the name of the thing says already. */
const SAID = new Set(['id', 'membership.queue', 'membership.agent', 'recording_link.recording', 'recording.call_number']);

/** Nested settings as one level: `agent.number`. */
function flat(settings: Settings | null | undefined, path = ''): Settings {
  return Object.fromEntries(
    Object.entries(settings ?? {}).flatMap(([key, value]) =>
      value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.entries(flat(value as Settings, `${path}${key}.`)) : [[path + key, value]],
    ),
  );
}

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? '') === JSON.stringify(b ?? '');

/** What is another after a change, in the reader's words: `Ring time (s): 15 → 7`. */
export function changes({ before, after, entity, action, names }: Row, t: Words, language: string): string[] {
  if (!after || action === 'listen' || action === 'download') return [];
  const [was, is] = [flat(before as Settings), flat(after as Settings)];
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((field) => !SAID.has(field) && !SAID.has(`${entity}.${field}`));
  const label = (field: string) => {
    const key = FIELDS[entity]?.[field];
    return key ? t(key) : field;
  };

  function one(field: string, value: unknown): string {
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    if (typeof value === 'number') return new Intl.NumberFormat(language, { maximumFractionDigits: 3, useGrouping: false }).format(field.endsWith('_ms') ? value / 1000 : value);
    if (typeof value !== 'string') return JSON.stringify(value);
    const word = CHOICES[field]?.(value);
    if (word && t(word as 'yes', { defaultValue: '' })) return t(word as 'yes');
    if (field.endsWith('_at')) return fully(value, language);
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return names[value] ?? t('audit.gone');
    return value;
  }
  function said(field: string, value: unknown): string {
    if (field === 'agent.parts' && value == null) return t('audit.everything');
    if (value == null || value === '') return '–';
    if (Array.isArray(value)) return value.map((part) => one(field, part)).join(', ') || (field === 'queues' ? t('all_queues') : '–');
    return one(field, value);
  }

  const order = Object.keys(FIELDS[entity] ?? {});
  const place = (field: string) => order.indexOf(field) + 1 || order.length + 1;
  const differs = fields.filter((field) => !same(was[field], is[field])).sort((a, b) => place(a) - place(b));
  // Of a secret there is nothing before it, though it is changed and not made.
  if (!before) return differs.filter((field) => is[field] !== false && !(Array.isArray(is[field]) && field !== 'queues' && (is[field] as unknown[]).length === 0)).map((field) => `${label(field)}: ${said(field, is[field])}`);
  return differs.map((field) => `${label(field)}: ${said(field, was[field])} → ${said(field, is[field])}`);
}

/** What people call the thing that was changed. */
export function nameOf({ name }: Pick<Schemas['AuditRow'], 'name'>, t: Words): string {
  return name ?? t('audit.gone');
}

/** Who changed it: a person by name, or what did it for nobody in particular. */
export function whoOf({ by, by_name }: Pick<Schemas['AuditRow'], 'by' | 'by_name'>, t: Words): string {
  const command = COMMANDS[by];
  return by_name ?? (command ? t(command) : by);
}
