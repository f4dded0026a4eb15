import { api, body, type Schemas } from '../../api/client';
import { moment } from '../../shared/format';
import { StateLed } from '../../ui/Pill';
import css from './admin.module.css';
import { Provisioning } from './Provisioning';
import { DIALS, joined, optional, plain, secret, securities, several, text, type Resource, type Values, type Words } from './resource';

type Row = Schemas['PhoneRow'];
type Kept = Schemas['Kept_PhoneSettings'];

const values = (row: Kept): Values => ({ name: row.name, label: row.label, password: '', any_media_source: row.any_media_source ?? false, auto_answer: row.auto_answer ?? 'off', dials: joined(row.dials ?? DIALS.slice(0, 1)), media_security: row.media_security ?? 'optional' });
const settings = (given: Values): Schemas['PhoneSettings'] => ({ name: text(given.name), label: text(given.label), password: optional(given.password), any_media_source: given.any_media_source === true, auto_answer: text(given.auto_answer), dials: several(given.dials), media_security: text(given.media_security) });

/** What went wrong last: a registration that was refused, or how the telephone was lost. */
function trouble(row: Row, t: Words, language: string): string | undefined {
  if (row.refused) return t(`phone_refused.${row.refused.why as 'unusable'}`, { from: row.refused.from, at: moment(row.refused.at, language) });
  return !row.registered && row.why ? t(`phone_lost.${row.why as 'no_answer'}`) : undefined;
}

export const phones: Resource<Row, Kept> = {
  kind: 'phones',
  list: () => api.GET('/api/v1/phones').then(body),
  id: (row) => row.id,
  title: (row) => row.name,
  refreshes: true,
  columns: (t, language) => [
    { id: 'label', title: t('fields.label'), width: 'minmax(140px, 1fr)', value: (row) => row.label },
    {
      id: 'status',
      title: t('fields.status'),
      width: '170px',
      value: (row) => (row.registered ? 0 : 1),
      cell: (row) => (
        <span className={css.live}>
          <StateLed state={row.registered ? 'available' : 'logged_out'} />
          {t(row.registered ? 'registered' : 'not_registered')}
        </span>
      ),
    },
    { id: 'agent', title: t('fields.held_by'), width: '140px', value: (row) => row.agent_name },
    { id: 'user_agent', title: t('fields.device'), width: 'minmax(180px, 1.5fr)', value: (row) => row.user_agent },
    { id: 'trouble', title: t('fields.trouble'), width: 'minmax(200px, 1.6fr)', value: (row) => trouble(row, t, language), cell: (row) => <span title={trouble(row, t, language)}>{trouble(row, t, language) ?? '–'}</span> },
  ],
  read: (id) => api.GET('/api/v1/phones/{id}', { params: { path: { id } } }).then(body).then((row) => ({ raw: row, values: values(row) })),
  create: (given) => api.POST('/api/v1/phones', { body: settings(given) }).then(body),
  update: (raw, given) => api.PUT('/api/v1/phones/{id}', { params: { path: { id: raw.id } }, body: { ...raw, ...settings(given) } }).then(body),
  remove: (id) => api.DELETE('/api/v1/phones/{id}', { params: { path: { id } } }).then(body),
  name: (given) => text(given.name),
  fresh: { name: '', label: '', password: '', any_media_source: false, auto_answer: 'off', dials: 'internal', media_security: 'optional' },
  fields: [
    { name: 'name', kind: 'text', words: 'sip_name', hint: true, required: true, check: plain },
    { name: 'label', kind: 'text', required: true },
    { name: 'password', kind: 'password', words: 'sip_password', hint: true, check: secret },
    { name: 'auto_answer', kind: 'choice', hint: true, choices: (t) => (['off', 'answer_mode', 'call_info', 'alert_info'] as const).map((value) => ({ value, label: t(`auto_answers.${value}`) })) },
    { name: 'dials', kind: 'several', words: 'phone_dials', hint: true, choices: (t) => DIALS.map((value) => ({ value, label: t(`dials.${value}`) })) },
    { name: 'media_security', kind: 'choice', hint: true, choices: securities },
    { name: 'any_media_source', kind: 'switch', hint: true },
  ],
  below: Provisioning,
};
