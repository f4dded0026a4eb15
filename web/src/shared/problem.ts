import { notifications } from '@mantine/notifications';
import i18next from 'i18next';

import { ApiError } from '../api/client';

/** What went wrong, in the reader's language. The server sends a code; the words are ours. */
export function words(error: unknown): string {
  if (!(error instanceof ApiError)) return i18next.t('common:errors.internal');
  // Of one field alone the server says what is wrong with it.
  if (error.code === 'invalid' && error.fields.length === 1) return fieldWords(error.fields[0]!.message);
  const key = `common:errors.${error.code}`;
  return i18next.exists(key) ? i18next.t(key as 'common:errors.internal') : error.message;
}

/** What the server says of a field, in the reader's language: its English is looked up among our own. */
export function fieldWords(message: string): string {
  const english = i18next.getResource('en', 'common', 'field_errors') as Record<string, string>;
  const key = Object.keys(english).find((known) => english[known] === message);
  return key ? i18next.t(`common:field_errors.${key as 'taken'}`) : message;
}

/** An error of the user's own act stays until it is closed. */
export function complain(error: unknown): void {
  notifications.show({ message: words(error), color: 'red', autoClose: false, withBorder: true });
}
