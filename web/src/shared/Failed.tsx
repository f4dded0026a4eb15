import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { Empty } from '../ui/Empty';
import { words } from './problem';

/** In place of what could not be loaded. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <Empty icon={<IconPlugConnectedX size={26} stroke={1.6} />} title={t('failed')} hint={words(error)}>
        {onRetry && (
          <Button size="compact-md" variant="default" onClick={onRetry}>
            {t('retry')}
          </Button>
        )}
      </Empty>
    </div>
  );
}
