import { api, body, type Schemas } from '../../api/client';
import { Pill } from '../../ui/Pill';
import { optional, plain, text, type Resource, type Values } from './resource';

type Row = Schemas['Kept_RouteSettings'];

const values = (row: Row): Values => ({ prefix: row.prefix, trunk: row.trunk, record: row.record ?? false, consent: row.consent ?? '' });
const settings = (given: Values): Schemas['RouteSettings'] => ({ prefix: text(given.prefix), trunk: text(given.trunk), record: given.record === true, consent: optional(given.consent) });

export const routes: Resource<Row, Row> = {
  kind: 'routes',
  list: () => api.GET('/api/v1/outbound-routes').then(body).then((page) => page.items),
  id: (row) => row.id,
  title: (row) => row.prefix,
  columns: (t) => [
    { id: 'trunk', title: t('fields.trunk'), width: 'minmax(160px, 1fr)', value: (row) => row.trunk },
    { id: 'record', title: t('fields.record'), width: '160px', value: (row) => (row.record ? 1 : 0), cell: (row) => (row.record ? <Pill tone="bad">{t('yes')}</Pill> : t('no')) },
    { id: 'consent', title: t('fields.consent'), width: 'minmax(140px, 1fr)', value: (row) => row.consent },
  ],
  read: (id) => api.GET('/api/v1/outbound-routes/{id}', { params: { path: { id } } }).then(body).then((row) => ({ raw: row, values: values(row) })),
  create: (given) => api.POST('/api/v1/outbound-routes', { body: settings(given) }).then(body),
  update: (raw, given) => api.PUT('/api/v1/outbound-routes/{id}', { params: { path: { id: raw.id } }, body: { ...raw, ...settings(given) } }).then(body),
  remove: (id) => api.DELETE('/api/v1/outbound-routes/{id}', { params: { path: { id } } }).then(body),
  name: (given) => text(given.prefix),
  fresh: { prefix: '', trunk: '', record: false, consent: '' },
  fields: [
    { name: 'prefix', kind: 'text', hint: true, required: true, check: plain },
    { name: 'trunk', kind: 'choice', required: true, choices: (t, { trunks }) => [{ value: '', label: t('choose') }, ...trunks.map((value) => ({ value, label: value }))] },
    { name: 'consent', kind: 'text', hint: true, check: plain },
    { name: 'record', kind: 'switch' },
  ],
};
