import { api, body, type Schemas } from '../../api/client';
import { PARTS } from '../../shared/parts';
import { Pill } from '../../ui/Pill';
import { LiveState } from './LiveState';
import { PartsPreview } from './PartsPreview';
import { DIALS, duration, joined, milliseconds, number, optional, pin, plain, secret, seconds, several, text, type Resource, type Values } from './resource';
import { UserStatus } from './UserStatus';

type Row = Schemas['UserRow'];

const values = (row: Row): Values => ({
  login: row.login,
  name: row.name,
  role: row.role,
  password: '',
  email: row.email ?? '',
  disabled: row.disabled === true,
  agent: Boolean(row.agent),
  number: row.agent?.number ?? '',
  typology: row.agent?.typology ?? 'external',
  wrapup: seconds(row.agent?.wrapup_ms),
  dials: joined(row.agent?.dials ?? DIALS.slice(0, 2)),
  caller_id: row.agent?.caller_id ?? '',
  pin: '',
  remote_control: row.agent?.remote_control ?? true,
  alias: row.agent?.alias ?? '',
  logs_in_paused: row.agent?.logs_in_paused ?? false,
  all_parts: !row.agent?.parts,
  parts: joined(row.agent?.parts ?? PARTS),
});

const settings = (given: Values): Schemas['UserSettings'] => ({
  login: text(given.login),
  name: text(given.name),
  role: text(given.role),
  password: optional(given.password),
  pin: given.agent ? optional(given.pin) : null,
  email: optional(given.email),
  disabled: given.disabled === true,
  agent: given.agent ? { number: text(given.number), typology: text(given.typology), wrapup_ms: text(given.wrapup) ? milliseconds(given.wrapup) : null, dials: several(given.dials), caller_id: optional(given.caller_id), remote_control: given.remote_control === true, alias: optional(given.alias), logs_in_paused: given.logs_in_paused === true, parts: given.all_parts === true ? null : several(given.parts) } : null,
});

const takesCalls = (given: Values) => given.agent === true;

/** Whether somebody can sign in. */
const access = (row: Row) => (row.disabled ? 'disabled' : row.status.locked.length > 0 || row.status.keypad_locked_until ? 'locked' : 'open');
const TONES = { disabled: 'bad', locked: 'warn', open: 'plain' } as const;

export const users: Resource<Row, Row> = {
  kind: 'users',
  list: () => api.GET('/api/v1/users').then(body).then((page) => page.items),
  id: (row) => row.id,
  title: (row) => row.name,
  columns: (t) => [
    { id: 'login', title: t('fields.login'), width: 'minmax(120px, 1fr)', value: (row) => row.login },
    { id: 'role', title: t('fields.role'), width: '150px', value: (row) => t(`roles.${row.role as 'agent'}`) },
    { id: 'number', title: t('fields.number'), width: '120px', value: (row) => row.agent?.number },
    { id: 'typology', title: t('fields.typology'), width: '150px', value: (row) => row.agent && t(`typologies.${row.agent.typology as 'external'}`) },
    { id: 'access', title: t('signing_in.title'), width: '170px', value: (row) => t(`signing_in.${access(row)}`), cell: (row) => <Pill tone={TONES[access(row)]}>{t(`signing_in.${access(row)}`)}</Pill> },
    { id: 'state', title: t('fields.state'), width: 'minmax(190px, 1fr)', value: (row) => (row.agent ? row.login : null), cell: (row) => <LiveState login={row.agent ? row.login : undefined} /> },
  ],
  read: (id) => api.GET('/api/v1/users/{id}', { params: { path: { id } } }).then(body).then((row) => ({ raw: row, values: values(row) })),
  create: (given) => api.POST('/api/v1/users', { body: settings(given) }).then(body),
  update: (raw, given) => {
    const changed = settings(given);
    const agent = changed.agent && { ...raw.agent, ...changed.agent };
    return api.PUT('/api/v1/users/{id}', { params: { path: { id: raw.id } }, body: { ...raw, ...changed, agent } }).then(body);
  },
  remove: (id) => api.DELETE('/api/v1/users/{id}', { params: { path: { id } } }).then(body),
  name: (given) => text(given.name),
  fresh: { login: '', name: '', role: 'agent', password: '', email: '', disabled: false, agent: true, number: '', typology: 'external', wrapup: '', dials: joined(DIALS.slice(0, 2)), caller_id: '', pin: '', remote_control: true, alias: '', logs_in_paused: false, all_parts: true, parts: joined(PARTS) },
  fields: [
    { name: 'name', kind: 'text', required: true },
    { name: 'login', kind: 'text', required: true, hint: true, check: plain },
    { name: 'role', kind: 'choice', choices: (t) => (['agent', 'supervisor', 'admin'] as const).map((value) => ({ value, label: t(`roles.${value}`) })) },
    { name: 'password', kind: 'password', hint: true, check: secret },
    { name: 'email', kind: 'text', hint: true },
    { name: 'disabled', kind: 'switch', hint: true },
    { name: 'agent', kind: 'switch', words: 'takes_calls' },
    { name: 'number', kind: 'text', hint: true, check: plain, when: takesCalls },
    { name: 'typology', kind: 'choice', when: takesCalls, choices: (t) => (['external', 'phonebar', 'webrtc'] as const).map((value) => ({ value, label: t(`typologies.${value}`) })) },
    { name: 'pin', kind: 'text', hint: true, check: pin, when: takesCalls },
    { name: 'remote_control', kind: 'switch', hint: true, when: (given) => takesCalls(given) && given.typology === 'phonebar' },
    { name: 'wrapup', kind: 'number', words: 'own_wrapup', hint: true, check: duration, when: takesCalls },
    { name: 'caller_id', kind: 'text', hint: true, check: number, when: takesCalls },
    { name: 'dials', kind: 'several', hint: true, when: takesCalls, choices: (t) => DIALS.map((value) => ({ value, label: t(`dials.${value}`) })) },
    { name: 'alias', kind: 'text', hint: true, when: takesCalls },
    { name: 'logs_in_paused', kind: 'switch', hint: true, when: takesCalls },
    { name: 'all_parts', kind: 'switch', hint: true, when: takesCalls },
    { name: 'parts', kind: 'several', hint: true, when: (given) => takesCalls(given) && given.all_parts !== true, choices: (t) => PARTS.map((value) => ({ value, label: t(`parts.${value}`) })) },
  ],
  preview: PartsPreview,
  refreshes: true,
  below: UserStatus,
};
