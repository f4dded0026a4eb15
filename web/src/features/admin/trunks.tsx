import { api, body, type Schemas } from '../../api/client';
import { address, count, plain, port, securities, text, whole, type Resource, type Values } from './resource';

type Row = Schemas['Kept_TrunkSettings'];

const values = (row: Row): Values => ({ name: row.name, host: row.host, port: String(row.port), transport: row.transport, max_calls: String(row.max_calls), max_calls_per_hour: row.max_calls_per_hour == null ? '' : String(row.max_calls_per_hour), media_security: row.media_security ?? 'optional' });
const settings = (given: Values): Schemas['TrunkSettings'] => ({ name: text(given.name), host: text(given.host), port: whole(given.port), transport: text(given.transport), max_calls: whole(given.max_calls), max_calls_per_hour: text(given.max_calls_per_hour) ? whole(given.max_calls_per_hour) : null, media_security: text(given.media_security) });

export const trunks: Resource<Row, Row> = {
  kind: 'trunks',
  list: () => api.GET('/api/v1/trunks').then(body).then((page) => page.items),
  id: (row) => row.id,
  title: (row) => row.name,
  columns: (t) => [
    { id: 'host', title: t('fields.host'), width: 'minmax(160px, 1fr)', value: (row) => row.host },
    { id: 'port', title: t('fields.port'), width: '110px', align: 'end', value: (row) => row.port },
    { id: 'transport', title: t('fields.transport'), width: '130px', value: (row) => row.transport.toUpperCase() },
    { id: 'max_calls', title: t('fields.max_calls'), width: '150px', align: 'end', value: (row) => row.max_calls },
  ],
  read: (id) => api.GET('/api/v1/trunks/{id}', { params: { path: { id } } }).then(body).then((row) => ({ raw: row, values: values(row) })),
  create: (given) => api.POST('/api/v1/trunks', { body: settings(given) }).then(body),
  update: (raw, given) => api.PUT('/api/v1/trunks/{id}', { params: { path: { id: raw.id } }, body: { ...raw, ...settings(given) } }).then(body),
  remove: (id) => api.DELETE('/api/v1/trunks/{id}', { params: { path: { id } } }).then(body),
  name: (given) => text(given.name),
  fresh: { name: '', host: '', port: '5060', transport: 'udp', max_calls: '100', max_calls_per_hour: '', media_security: 'optional' },
  fields: [
    { name: 'name', kind: 'text', words: 'name_of_trunk', hint: true, required: true, check: plain },
    { name: 'host', kind: 'text', hint: true, required: true, check: address },
    { name: 'port', kind: 'number', required: true, check: port },
    { name: 'transport', kind: 'choice', choices: () => ['udp', 'tcp'].map((value) => ({ value, label: value.toUpperCase() })) },
    { name: 'max_calls', kind: 'number', hint: true, required: true, check: count },
    { name: 'max_calls_per_hour', kind: 'number', hint: true, check: count },
    { name: 'media_security', kind: 'choice', hint: true, choices: securities },
  ],
};
