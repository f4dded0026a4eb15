import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import { complain } from '../../shared/problem';

/** The demo's own callers: a day at work for whoever has no telephone at hand. */
export function Simulate() {
  const { t } = useTranslation('dashboard');
  const start = useMutation({
    mutationFn: () => api.POST('/api/v1/demo/simulate', { body: {} }).then(body),
    onSuccess: () => notifications.show({ message: t('simulating'), withBorder: true }),
    onError: complain,
  });
  return (
    <Button mt={6} leftSection={<IconPlayerPlay size={16} stroke={1.8} />} onClick={() => start.mutate()} loading={start.isPending}>
      {t('simulate')}
    </Button>
  );
}
