import { api, body, type Schemas } from '../../api/client';
import { Pill } from '../../ui/Pill';
import { plain, text, type Resource, type Values } from './resource';

type Row = Schemas['Pause'];
type Kept = Schemas['Kept_PauseSettings'];

const values = (row: Kept): Values => ({ name: row.name, label: row.label, default: row.default ?? false, paid: row.paid ?? false });
const settings = (given: Values): Schemas['PauseSettings'] => ({ name: text(given.name), label: text(given.label), default: given.default === true, paid: given.paid === true });

export const pauses: Resource<Row, Kept> = {
  kind: 'pauses',
  list: () => api.GET('/api/v1/pauses').then(body),
  id: (row) => row.id,
  title: (row) => row.label,
  columns: (t) => [
    { id: 'name', title: t('fields.name_of_pause'), width: 'minmax(140px, 1fr)', value: (row) => row.name },
    { id: 'default', title: t('fields.default'), width: '160px', value: (row) => (row.default ? 0 : 1), cell: (row) => (row.default ? <Pill tone="busy">{t('yes')}</Pill> : t('no')) },
    { id: 'paid', title: t('fields.paid'), width: '160px', value: (row) => (row.paid ? 0 : 1), cell: (row) => (row.paid ? <Pill tone="ok">{t('yes')}</Pill> : t('no')) },
  ],
  read: (id) => api.GET('/api/v1/pauses/{id}', { params: { path: { id } } }).then(body).then((row) => ({ raw: row, values: values(row) })),
  create: (given) => api.POST('/api/v1/pauses', { body: settings(given) }).then(body),
  update: (raw, given) => api.PUT('/api/v1/pauses/{id}', { params: { path: { id: raw.id } }, body: { ...raw, ...settings(given) } }).then(body),
  remove: (id) => api.DELETE('/api/v1/pauses/{id}', { params: { path: { id } } }).then(body),
  name: (given) => text(given.label),
  fresh: { name: '', label: '', default: false, paid: false },
  fields: [
    { name: 'label', kind: 'text', required: true },
    { name: 'name', kind: 'text', words: 'name_of_pause', hint: true, required: true, check: plain },
    { name: 'default', kind: 'switch', hint: true },
    { name: 'paid', kind: 'switch' },
  ],
};
