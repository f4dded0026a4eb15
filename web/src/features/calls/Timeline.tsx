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

/** A call's facts in words, with the time of each since the call began. */
export function Timeline({ entries }: { entries: Entry[] }) {
  const { t, i18n } = useTranslation(['calls', 'shell']);
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
      by: word('by', data.by),
      exit: word('exit', data.exit),
      mode: word('mode', data.mode),
      outcome: word('outcome_of', data.outcome),
      state: i18n.exists(`shell:state.${String(data.state)}`) ? t(`shell:state.${data.state as 'paused'}`) : '',
      names: Array.isArray(data.names) ? data.names.join(' / ') : '',
      length: duration(Number(data.length_ms ?? 0)),
    };
    let key = type.replace('.', '_');
    if (type === 'leg.started' && data.role === 'caller') key = 'leg_started_caller';
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
