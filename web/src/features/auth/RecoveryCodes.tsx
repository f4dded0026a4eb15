import { Button, Code, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import css from './auth.module.css';

/** Codes for whoever loses the telephone, this once. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation('auth');
  const lines = codes.join('\n');
  return (
    <div className={css.form}>
      <p role="status">{t('second_codes')}</p>
      <Code block tabIndex={0} aria-label={t('second_codes_label')} data-testid="recovery">
        {lines}
      </Code>
      <div className={css.row}>
        <CopyButton value={lines}>
          {({ copied, copy }) => (
            <Button variant="default" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
              {t(copied ? 'second_copied' : 'second_copy')}
            </Button>
          )}
        </CopyButton>
        <Button style={{ flex: 1 }} onClick={onDone}>
          {t('second_done')}
        </Button>
      </div>
    </div>
  );
}
