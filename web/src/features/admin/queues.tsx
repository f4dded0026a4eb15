import { api, body, type Schemas } from '../../api/client';
import { Members } from './Members';
import { count, duration, milliseconds, number, optional, plain, seconds, text, whole, type Resource, type Values } from './resource';

type Row = Schemas['QueueRow'];
type Kept = Schemas['Kept_QueueSettings'];

const values = (row: Kept): Values => ({
  name: row.name,
  label: row.label,
  strategy: row.strategy,
  offer_ms: seconds(row.offer_ms),
  wrapup_ms: seconds(row.wrapup_ms),
  misses_pause: String(row.misses_pause),
  max_wait_ms: seconds(row.max_wait_ms),
  max_waiting: String(row.max_waiting),
  music: row.music,
  record: row.record,
  consent: row.consent ?? '',
  caller_id: row.caller_id ?? '',
  keep_recordings_days: row.keep_recordings_days == null ? '' : String(row.keep_recordings_days),
});

const settings = (given: Values): Schemas['QueueSettings'] => ({
  name: text(given.name),
  label: text(given.label),
  strategy: text(given.strategy),
  offer_ms: milliseconds(given.offer_ms),
  wrapup_ms: milliseconds(given.wrapup_ms),
  misses_pause: whole(given.misses_pause),
  max_wait_ms: text(given.max_wait_ms) ? milliseconds(given.max_wait_ms) : null,
  max_waiting: whole(given.max_waiting),
  music: text(given.music),
  record: given.record === true,
  consent: optional(given.consent),
  caller_id: optional(given.caller_id),
  keep_recordings_days: text(given.keep_recordings_days) ? whole(given.keep_recordings_days) : null,
});

export const queues: Resource<Row, Kept> = {
  kind: 'queues',
  list: () => api.GET('/api/v1/queues').then(body),
  id: (row) => row.id,
  title: (row) => row.label,
  columns: (t) => [
    { id: 'name', title: t('fields.name_of_queue'), width: 'minmax(140px, 1fr)', value: (row) => row.name },
    { id: 'agents', title: t('fields.agents_of_queue'), width: '140px', align: 'end', value: (row) => Object.values(row.agents).reduce((sum, count) => sum + count, 0) },
  ],
  read: (id) => api.GET('/api/v1/queues/{id}', { params: { path: { id } } }).then(body).then((row) => ({ raw: row, values: values(row) })),
  create: (given) => api.POST('/api/v1/queues', { body: settings(given) }).then(body),
  update: (raw, given) => api.PUT('/api/v1/queues/{id}', { params: { path: { id: raw.id } }, body: { ...raw, ...settings(given) } }).then(body),
  remove: (id) => api.DELETE('/api/v1/queues/{id}', { params: { path: { id } } }).then(body),
  name: (given) => text(given.label),
  fresh: { name: '', label: '', strategy: 'longest_idle', offer_ms: '15', wrapup_ms: '10', misses_pause: '3', max_wait_ms: '', max_waiting: '100', music: 'hold', record: true, consent: '', caller_id: '', keep_recordings_days: '' },
  fields: [
    { name: 'label', kind: 'text', required: true },
    { name: 'name', kind: 'text', words: 'name_of_queue', hint: true, required: true, check: plain },
    { name: 'strategy', kind: 'choice', choices: (t) => (['longest_idle', 'ring_all'] as const).map((value) => ({ value, label: t(`strategies.${value}`) })) },
    { name: 'offer_ms', kind: 'number', hint: true, required: true, check: duration },
    { name: 'wrapup_ms', kind: 'number', hint: true, required: true, check: duration },
    { name: 'misses_pause', kind: 'number', hint: true, required: true, check: count },
    { name: 'max_waiting', kind: 'number', hint: true, required: true, check: count },
    { name: 'max_wait_ms', kind: 'number', hint: true, check: duration },
    { name: 'music', kind: 'text', hint: true, required: true, check: plain },
    { name: 'consent', kind: 'text', hint: true, check: plain },
    { name: 'caller_id', kind: 'text', words: 'queue_caller_id', hint: true, check: number },
    { name: 'record', kind: 'switch' },
    { name: 'keep_recordings_days', kind: 'number', hint: true, check: count },
  ],
  below: Members,
};
