import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Where a code is typed: six digits, or a recovery code, which has letters. */
export function CodeInput({ error }: { error?: string }) {
  const { t } = useTranslation('auth');
  return <TextInput name="code" label={t('code')} autoComplete="one-time-code" autoCapitalize="none" spellCheck={false} required withAsterisk={false} autoFocus data-autofocus size="md" maxLength={40} error={error} />;
}
