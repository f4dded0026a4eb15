import { CloseButton } from '@mantine/core';
import { IconMessage } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { desk } from '../live/desk';
import { moment } from '../shared/format';
import { useDesk } from '../shared/useDesk';
import css from './shell.module.css';

/** What supervisors wrote to the one who works here, until it is closed. */
export function Notes() {
  const { t, i18n } = useTranslation('shell');
  const notes = useDesk((desk) => desk.notes);
  return notes.map((note) => (
    <div key={note.id} className={css.banner} data-note role="alert">
      <IconMessage size={17} stroke={1.8} aria-hidden />
      <span className={css.note}>
        <b>{t('note', { name: note.from, at: moment(note.at, i18n.language) })}</b> {note.text}
      </span>
      <CloseButton size="sm" ml="auto" aria-label={t('note_seen', { name: note.from })} onClick={() => desk.setState((old) => ({ notes: old.notes.filter((other) => other !== note) }))} />
    </div>
  ));
}
