import { Modal, Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import type { Me } from '../api/client';

const SecondFactor = lazy(() => import('../features/auth/SecondFactor').then((module) => ({ default: module.SecondFactor })));

/** The own second factor, set up or changed at work. */
export function SecondFactorDialog({ me, opened, onClose }: { me: Me; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(['auth', 'common']);
  return (
    <Modal opened={opened} onClose={onClose} title={t('second_title')} centered size={440} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {opened && (
        <Suspense fallback={<Skeleton height={120} radius={10} />}>
          <SecondFactor me={me} onDone={onClose} />
        </Suspense>
      )}
    </Modal>
  );
}
