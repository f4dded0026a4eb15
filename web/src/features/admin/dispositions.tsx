import { api, body, type Schemas } from '../../api/client';
import { Pill } from '../../ui/Pill';
import { count, joined, several, text, whole, type Resource, type Values } from './resource';

type Row = Schemas['DispositionRow'];
type Kept = Schemas['Kept_DispositionSettings'];

const values = (row: Kept): Values => ({ name: row.name, parent: row.parent ?? '', custom: row.custom ?? false, position: row.position == null ? '' : String(row.position), queues: joined(row.queues) });
const settings = (given: Values): Schemas['DispositionSettings'] => ({ name: text(given.name), parent: text(given.parent) || null, custom: given.custom === true, position: text(given.position) ? whole(given.position) : null, queues: text(given.parent) ? [] : several(given.queues) });

const isFirst = (given: Values) => !text(given.parent);

export const dispositions: Resource<Row, Kept> = {
  kind: 'dispositions',
  list: () => api.GET('/api/v1/dispositions').then(body),
  id: (row) => row.id,
  title: (row) => row.name,
  columns: (t, _, rows) => {
    const path = (id: string | null | undefined): string => {
      const found = (rows as Row[]).find((row) => row.id === id);
      return found ? [path(found.parent), found.name].filter(Boolean).join(' / ') : '';
    };
    return [
      { id: 'parent', title: t('fields.parent'), width: 'minmax(150px, 1fr)', value: (row) => path(row.parent) || null },
      { id: 'custom', title: t('fields.custom'), width: '140px', value: (row) => (row.custom ? 1 : 0), cell: (row) => (row.custom ? <Pill tone="busy">{t('yes')}</Pill> : t('no')) },
      { id: 'position', title: t('fields.position'), width: '110px', align: 'end', value: (row) => row.position },
      { id: 'queues', title: t('fields.queues'), width: 'minmax(150px, 1fr)', value: (row) => (row.parent ? null : joined(row.queues) || t('all_queues')) },
    ];
  },
  read: (id) => api.GET('/api/v1/dispositions/{id}', { params: { path: { id } } }).then(body).then((row) => ({ raw: row, values: values(row) })),
  create: (given) => api.POST('/api/v1/dispositions', { body: settings(given) }).then(body),
  update: (raw, given) => api.PUT('/api/v1/dispositions/{id}', { params: { path: { id: raw.id } }, body: { ...raw, ...settings(given) } }).then(body),
  remove: (id) => api.DELETE('/api/v1/dispositions/{id}', { params: { path: { id } } }).then(body),
  name: (given) => text(given.name),
  fresh: { name: '', parent: '', custom: false, position: '', queues: '' },
  fields: [
    { name: 'name', kind: 'text', required: true },
    { name: 'parent', kind: 'choice', hint: true, choices: (t, { parents }) => [{ value: '', label: t('first_level') }, ...parents] },
    { name: 'custom', kind: 'switch', hint: true },
    { name: 'position', kind: 'number', hint: true, check: count },
    { name: 'queues', kind: 'several', hint: true, when: isFirst, choices: (_, { queues }) => queues },
  ],
};
