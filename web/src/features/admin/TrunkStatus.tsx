import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { trunkTrouble } from '../../shared/troubles';
import { Pill, type Tone } from '../../ui/Pill';
import css from './admin.module.css';
import { trunks } from './trunks';

const TONES: Record<'up' | 'down' | 'unknown' | 'unwatched', Tone> = { up: 'ok', down: 'bad', unknown: 'plain', unwatched: 'plain' };

/** How a trunk stands: its registration, its addresses, what went wrong last. */
export function TrunkStatus({ id }: { id: string }) {
  const { t, i18n } = useTranslation('admin');
  // What the form was made from, kept fresh by what the server tells of trunks.
  const found = useQuery({ queryKey: ['setup', trunks.kind, id], queryFn: () => trunks.read(id) });
  const status = found.data?.raw.status;
  if (!status) return null;
  const time = (at: string | null | undefined) => at && new Date(at).toLocaleTimeString(i18n.language);
  const rows = [
    { name: 'registration', value: status.registration && t(`registrations.${status.registration}`) },
    { name: 'registered_until', value: time(status.registered_until) },
    { name: 'tried_again_at', value: time(status.tried_again_at) },
    { name: 'answers', value: status.answers == null ? null : t(status.answers ? 'yes' : 'no') },
    { name: 'places', value: status.places.join(', ') },
  ] as const;
  return (
    <section className={css.below} aria-labelledby="trunk-status">
      <h2 id="trunk-status">
        {t('fields.status')} <Pill tone={TONES[status.state]}>{t(`trunk_states.${status.state}`)}</Pill>
      </h2>
      {status.errors.map((error) => (
        <p key={error.code} className={css.error}>
          {trunkTrouble(error)}
        </p>
      ))}
      <dl className={css.facts}>
        {rows.map(({ name, value }) => value && (
          <div key={name}>
            <dt>{t(`trunk_status.${name}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
