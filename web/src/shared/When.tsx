import { useTranslation } from 'react-i18next';

import { dayOf, fully, timeOf } from './format';
import css from './list.module.css';

/** A moment in a row of two lines: the day, unless it is today or that of `after`, and the time. */
export function When({ at, after }: { at: string; after?: string }) {
  const { i18n } = useTranslation();
  const day = dayOf(at, i18n.language, after === undefined ? undefined : new Date(after));
  return (
    <span className={css.caller} title={fully(at, i18n.language)}>
      {day && <span>{day}</span>}
      <span>{timeOf(at, i18n.language)}</span>
    </span>
  );
}
