import i18next from 'i18next';

import type { Schemas } from '../api/client';
import { fully } from './format';

type Trunk = Schemas['TrunkTrouble'];
type Certificate = Schemas['CertificateTrouble'];
type Cause = Schemas['AlarmCause'];

/** What a registrar means by a status, where that tells what to do. */
const MEANINGS: Record<number, 'no_algorithm' | 'may_not' | 'unknown' | 'too_brief'> = { 401: 'no_algorithm', 403: 'may_not', 404: 'unknown', 407: 'no_algorithm', 423: 'too_brief' };

/** What is wrong with a trunk, in the reader's language. The server sends a code and what belongs to it; the words are ours. */
export function trunkTrouble(one: Trunk): string {
  switch (one.code) {
    case 'not_located': {
      const why = i18next.t(`common:dns_troubles.${one.why}`);
      return i18next.t(one.last_known ? 'common:trunk_troubles.not_located_last_known' : 'common:trunk_troubles.not_located', { why });
    }
    case 'other_realm':
      return i18next.t('common:trunk_troubles.other_realm', { asked: one.asked, configured: one.configured });
    case 'not_listening':
      return i18next.t('common:trunk_troubles.not_listening', { transport: one.transport.toUpperCase(), setting: one.transport });
    case 'registration_refused': {
      const meaning = MEANINGS[one.status] ?? (one.status >= 500 && one.status < 600 ? 'out_of_order' : undefined);
      const said = i18next.t('common:trunk_troubles.registration_refused', { status: one.status });
      return meaning ? `${said} ${i18next.t(`common:registrar_means.${meaning}`)}` : said;
    }
    case 'registrar_silent':
    case 'wrong_password':
    case 'options_unanswered':
      return i18next.t(`common:trunk_troubles.${one.code}`);
  }
}

export function trunkTroubles(all: Trunk[]): string {
  return all.map(trunkTrouble).join(' ');
}

/** What is wrong with the server: the alarm, and what is known of it. */
export function alarmWords(alarm: Schemas['Alarm'], causes: Cause[]): string {
  return [i18next.t(`shell:alarms.${alarm}`), ...causes.map(causeWords)].join(' ');
}

function causeWords(cause: Cause): string {
  switch (cause.code) {
    case 'disk':
      return i18next.t(`common:storage_troubles.${cause.why}`, { said: cause.said });
    case 'object_store':
      return [i18next.t('common:alarm_causes.object_store', { count: cause.waiting }), i18next.t(`common:storage_troubles.${cause.why}`, { said: cause.said })].join(' ');
    case 'media_threads':
      return i18next.t('common:alarm_causes.media_threads', { count: cause.threads });
    case 'certificate_ends':
      return i18next.t('common:alarm_causes.certificate_ends', { at: fully(cause.at, i18next.language) });
    case 'certificate_not_used':
      return i18next.t('common:alarm_causes.certificate_not_used', { why: certificateTrouble(cause.why) });
    case 'trunk':
      return i18next.t('common:alarm_causes.trunk', { name: cause.name, why: trunkTroubles(cause.troubles) });
    case 'unheard':
      return i18next.t('common:alarm_causes.unheard', { count: cause.parties });
  }
}

function certificateTrouble(one: Certificate): string {
  switch (one.code) {
    case 'unreadable':
      return i18next.t('common:certificate_troubles.unreadable', { file: one.file, said: one.said });
    case 'no_certificate':
    case 'no_key':
      return i18next.t(`common:certificate_troubles.${one.code}`, { file: one.file });
    case 'over':
      return i18next.t('common:certificate_troubles.over', { file: one.file, at: fully(one.at, i18next.language) });
    case 'other_key':
      return i18next.t('common:certificate_troubles.other_key', { key: one.key, certificate: one.certificate });
  }
}
