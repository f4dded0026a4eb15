import { api, body, type Schemas } from '../../api/client';
import { trunkTroubles } from '../../shared/troubles';
import { StateLed } from '../../ui/Pill';
import css from './admin.module.css';
import { count, host, optional, plain, port, securities, text, whole, type Resource, type Values } from './resource';
import { TrunkStatus } from './TrunkStatus';

type Row = Schemas['TrunkRow'];
type Account = Schemas['TrunkAccountSettings'];

const TRANSPORTS = ['udp', 'tcp', 'tls', 'dns'] as const;
/** Colours of the states that an agent has, which mean the same here. */
const LEDS = { up: 'available', down: 'unreachable', unknown: 'logged_out', unwatched: 'logged_out' } as const;

const values = (row: Row): Values => ({
  name: row.name,
  host: row.host,
  port: row.port == null ? '' : String(row.port),
  transport: row.transport,
  max_calls: String(row.max_calls),
  max_calls_per_hour: row.max_calls_per_hour == null ? '' : String(row.max_calls_per_hour),
  options: row.options ?? false,
  large_by_tcp: row.large_by_tcp ?? false,
  media_security: row.media_security ?? 'optional',
  user: row.account?.user ?? '',
  password: '',
  realm: row.account?.realm ?? '',
  register: row.account?.register ?? false,
  register_s: String(row.account?.register_s ?? 600),
});

const account = (given: Values): Account | null =>
  text(given.user) ? { user: text(given.user), password: optional(given.password), realm: optional(given.realm), register: given.register === true, register_s: whole(given.register_s) } : null;

const settings = (given: Values): Schemas['TrunkSettings'] => ({
  name: text(given.name),
  host: text(given.host),
  port: text(given.port) ? whole(given.port) : null,
  transport: text(given.transport),
  max_calls: whole(given.max_calls),
  max_calls_per_hour: text(given.max_calls_per_hour) ? whole(given.max_calls_per_hour) : null,
  options: given.options === true,
  large_by_tcp: given.large_by_tcp === true,
  media_security: text(given.media_security),
  account: account(given),
});

const known = (given: Values) => text(given.user) !== '';

export const trunks: Resource<Row, Row> = {
  kind: 'trunks',
  list: () => api.GET('/api/v1/trunks').then(body).then((page) => page.items),
  id: (row) => row.id,
  title: (row) => row.name,
  columns: (t) => [
    {
      id: 'state',
      title: t('fields.status'),
      width: '160px',
      value: (row) => t(`trunk_states.${row.status.state}`),
      cell: (row) => (
        <span className={css.live} title={trunkTroubles(row.status.errors) || undefined}>
          <StateLed state={LEDS[row.status.state]} />
          {t(`trunk_states.${row.status.state}`)}
        </span>
      ),
    },
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
  fresh: { name: '', host: '', port: '', transport: 'udp', max_calls: '100', max_calls_per_hour: '', options: false, large_by_tcp: false, media_security: 'optional', user: '', password: '', realm: '', register: false, register_s: '600' },
  fields: [
    { name: 'name', kind: 'text', words: 'name_of_trunk', hint: true, required: true, check: plain },
    { name: 'host', kind: 'text', hint: true, required: true, check: host },
    { name: 'port', kind: 'number', words: 'trunk_port', hint: true, check: port },
    { name: 'transport', kind: 'choice', choices: (t) => TRANSPORTS.map((value) => ({ value, label: value === 'dns' ? t('by_dns') : value.toUpperCase() })) },
    { name: 'max_calls', kind: 'number', hint: true, required: true, check: count },
    { name: 'max_calls_per_hour', kind: 'number', hint: true, check: count },
    { name: 'media_security', kind: 'choice', hint: true, choices: securities },
    { name: 'options', kind: 'switch', hint: true },
    { name: 'large_by_tcp', kind: 'switch', hint: true, when: (given) => given.transport === 'udp' || given.transport === 'dns' },
    { name: 'user', kind: 'text', words: 'account_user', hint: true },
    { name: 'password', kind: 'password', words: 'account_password', hint: true, when: known },
    { name: 'realm', kind: 'text', hint: true, when: known },
    { name: 'register', kind: 'switch', hint: true, when: known },
    { name: 'register_s', kind: 'number', required: true, check: count, when: (given) => known(given) && given.register === true },
  ],
  below: TrunkStatus,
};
