import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { words } from '../../shared/problem';
import css from './auth.module.css';
import { CodeInput } from './CodeInput';
import { Frame } from './Frame';

interface CodeStepProps {
  error: Error | null;
  pending: boolean;
  onCode: (code: string) => void;
  onBack: () => void;
}

/** After the password: the code the telephone shows, or one of those for whoever lost it. */
export function CodeStep({ error, pending, onCode, onBack }: CodeStepProps) {
  const { t } = useTranslation('auth');
  return (
    <Frame step={1} title={t('code_title')} hint={t('code_hint')}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          onCode(String(new FormData(event.currentTarget).get('code')).trim());
        }}
      >
        {error && (
          <p className={css.error} role="alert">
            {words(error)}
          </p>
        )}
        <CodeInput />
        <div className={css.row}>
          <Button variant="default" size="md" onClick={onBack}>
            {t('code_back')}
          </Button>
          <Button type="submit" size="md" style={{ flex: 1 }} loading={pending}>
            {t('submit')}
          </Button>
        </div>
        <p className="meta">{t('code_lost')}</p>
      </form>
    </Frame>
  );
}
