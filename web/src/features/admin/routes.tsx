import { api, body, type Schemas } from '../../api/client';
import { Pill } from '../../ui/Pill';
import { joined, number, optional, plain, several, text, type Resource, type Values } from './resource';

const CLASSES = ['national', 'international', 'premium', 'emergency', 'blocked'] as const;

type Row = Schemas['Kept_RouteSettings'];

const values = (row: Row): Values => ({ prefix: row.prefix, class: row.class ?? 'national', trunk: row.trunk, fallback: joined(row.fallback), caller_id: row.caller_id ?? '', record: row.record ?? false, consent: row.consent ?? '' });
const settings = (given: Values): Schemas['RouteSettings'] => ({ prefix: text(given.prefix), class: text(given.class), trunk: text(given.trunk), fallback: several(given.fallback), caller_id: optional(given.caller_id), record: given.record === true, consent: optional(given.consent) });

export const routes: Resource<Row, Row> = {
  kind: 'routes',
  list: () => api.GET('/api/v1/outbound-routes').then(body).then((page) => page.items),
  id: (row) => row.id,
  title: (row) => row.prefix,
  columns: (t) => [
    { id: 'trunk', title: t('fields.trunk'), width: 'minmax(160px, 1fr)', value: (row) => row.trunk },
    { id: 'class', title: t('fields.class'), width: '150px', value: (row) => t(`classes.${(row.class ?? 'national') as 'national'}`) },
    { id: 'fallback', title: t('fields.fallback'), width: 'minmax(120px, 1fr)', value: (row) => joined(row.fallback) },
    { id: 'record', title: t('fields.record'), width: '160px', value: (row) => (row.record ? 1 : 0), cell: (row) => (row.record ? <Pill tone="bad">{t('yes')}</Pill> : t('no')) },
    { id: 'consent', title: t('fields.consent'), width: 'minmax(140px, 1fr)', value: (row) => row.consent },
  ],
  read: (id) => api.GET('/api/v1/outbound-routes/{id}', { params: { path: { id } } }).then(body).then((row) => ({ raw: row, values: values(row) })),
  create: (given) => api.POST('/api/v1/outbound-routes', { body: settings(given) }).then(body),
  update: (raw, given) => api.PUT('/api/v1/outbound-routes/{id}', { params: { path: { id: raw.id } }, body: { ...raw, ...settings(given) } }).then(body),
  remove: (id) => api.DELETE('/api/v1/outbound-routes/{id}', { params: { path: { id } } }).then(body),
  name: (given) => text(given.prefix),
  fresh: { prefix: '', class: 'national', trunk: '', fallback: '', caller_id: '', record: false, consent: '' },
  fields: [
    { name: 'prefix', kind: 'text', hint: true, required: true, check: plain },
    { name: 'trunk', kind: 'choice', required: true, choices: (t, { trunks }) => [{ value: '', label: t('choose') }, ...trunks.map((value) => ({ value, label: value }))] },
    { name: 'class', kind: 'choice', hint: true, choices: (t) => CLASSES.map((value) => ({ value, label: t(`classes.${value}`) })) },
    { name: 'fallback', kind: 'text', hint: true },
    { name: 'caller_id', kind: 'text', words: 'route_caller_id', hint: true, check: number },
    { name: 'consent', kind: 'text', hint: true, check: plain },
    { name: 'record', kind: 'switch' },
  ],
};
