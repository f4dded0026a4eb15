import { useTranslation } from 'react-i18next';

import { duration } from '../../shared/format';
import css from './calls.module.css';

/** A fact of the journal. */
export interface Entry {
  at: string;
  type: string;
  data: Record<string, unknown>;
}

const TONES: Record<string, string> = { 'call.bridged': 'ok', 'leg.answered': 'ok', 'offer.created': 'busy', 'leg.ringing': 'busy', 'recording.started': 'bad', 'recording.stopped': 'bad', 'recording.closed': 'bad', 'agent.state': 'wrap', 'call.disposed': 'wrap' };

/** What a call does once whoever dialled it has called in. */
const AT_WORK = ['call.step', 'call.menu', 'call.consent', 'call.queued'];

/** A call's facts in words, with the time of each: who, by which telephone, queue and trunk. `names`: what people call those that facts name by id. */
export function Timeline({ entries, names }: { entries: Entry[]; names: Record<string, string> }) {
  const { t, i18n } = useTranslation(['calls', 'shell']);
  const legs = Object.fromEntries(entries.filter(({ type }) => type === 'leg.started').map(({ data }) => [String(data.leg), data]));
  const named = (id: unknown) => names[String(id)] ?? (id == null ? '–' : t('somebody'));

  /** Whoever is on a leg: an agent, a telephone, a number. */
  function who(leg: unknown): string {
    const { agent, phone, party } = legs[String(leg)] ?? {};
    const [person, telephone] = [names[String(agent)], names[String(phone)]];
    return person ?? (telephone ? t('telephone', { phone: telephone }) : String(party || t('somebody')));
  }

  /** By which telephone or trunk a leg is reached, where its name does not say so. */
  function way({ agent, phone, trunk }: Record<string, unknown>): string {
    if (trunk && names[String(trunk)]) return ` ${t('by_trunk', { trunk: names[String(trunk)] })}`;
    return agent && phone && names[String(phone)] ? ` ${t('on_telephone', { phone: names[String(phone)] })}` : '';
  }

  /** Whom a number stood for in this call. */
  function reached(number: unknown): string {
    const leg = Object.keys(legs).find((leg) => legs[leg]?.party === number);
    return leg ? who(leg) : String(number);
  }

  /** Whether whoever calls dialled, so that nobody answers at that end: of a click the caller's own telephone rings before anything else happens. */
  function dialled(leg: unknown): boolean {
    // A page that comes back has a second leg, and answers on it.
    if (leg !== entries.find(({ type, data }) => type === 'leg.started' && data.role === 'caller')?.data.leg) return false;
    const before = entries.slice(0, entries.findIndex(({ type, data }) => type === 'leg.answered' && data.leg === leg));
    return !legs[String(leg)]?.agent || before.some(({ type, data }) => AT_WORK.includes(type) || (type === 'leg.started' && data.leg !== leg));
  }
  const clock = new Intl.DateTimeFormat(i18n.language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

  function say({ type, data }: Entry): string {
    const word = (kind: string, value: unknown) => {
      const key = `${kind}.${String(value)}`;
      return i18n.exists(key, { ns: ['calls', 'shell'] }) ? t(key as 'reason.busy') : String(value ?? '–');
    };
    const values = {
      ...data,
      type,
      reason: word('reason', data.reason),
      by: type === 'call.disposed' ? named(data.by) : word('by', data.by),
      exit: word('exit', data.exit),
      mode: word('mode', data.mode),
      outcome: word('outcome_of', data.outcome),
      state: i18n.exists(`shell:state.${String(data.state)}`) ? t(`shell:state.${data.state as 'paused'}`) : '',
      names: Array.isArray(data.names) ? data.names.join(' / ') : '',
      length: duration(Number(data.length_ms ?? 0)),
      who: type === 'leg.started' && data.role === 'caller' && !data.agent ? String(data.party) : who(data.leg),
      way: way(type === 'call.started' ? ((data.origin ?? {}) as Record<string, unknown>) : data),
      agent: named(data.agent ?? data.supervisor),
      phone: named(data.phone),
      queue: named(data.queue),
      a: who(data.a),
      b: who(data.b),
      to: names[String(data.to)] ?? reached(data.to),
      giver: who(type === 'call.transferred' ? data.by : undefined),
    };
    let key = type.replace('.', '_');
    if (type === 'leg.started' && data.role === 'caller') key = 'leg_started_caller';
    if (type === 'leg.started' && data.role === 'supervisor') key = 'leg_started_supervisor';
    if (type === 'leg.answered' && dialled(data.leg)) key = 'leg_answered_caller';
    if (type === 'leg.hearing') key = `leg_hearing_${String(data.hearing)}`;
    if (type === 'call.menu' && data.key == null) key = 'call_menu_none';
    if (!i18n.exists(`fact.${key}`, { ns: 'calls' })) key = 'other';
    return t(`fact.${key as 'other'}`, values);
  }

  return (
    <ol className={css.time}>
      {entries.map((entry, index) => (
        <li key={index}>
          <time dateTime={entry.at}>{clock.format(new Date(entry.at))}</time>
          <i data-tone={TONES[entry.type]} />
          <span>{say(entry)}</span>
        </li>
      ))}
    </ol>
  );
}
