import { Button } from '@mantine/core';
import { IconPhoneCall } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { api, body } from '../api/client';
import { words } from '../shared/problem';
import { Empty } from '../ui/Empty';

const route = getRouteApi('/dial');

/** Where a `tel:` link of another page leads: one key calls it. Nothing is dialled without it, or any page could dial. */
export function DialPage() {
  const { t } = useTranslation('shell');
  const number = (route.useSearch().number ?? '').replace(/^tel:/i, '');
  const navigate = useNavigate();
  const call = useMutation({ mutationFn: () => api.POST('/api/v1/calls', { body: { number } }).then(body), onSuccess: () => navigate({ to: '/', replace: true }) });
  return (
    <Empty icon={<IconPhoneCall size={28} stroke={1.6} />} title={number || t('dial.none')} hint={call.isError ? words(call.error) : t('dial.ask')}>
      <Button mt={8} autoFocus disabled={!number} loading={call.isPending} leftSection={<IconPhoneCall size={16} stroke={1.8} />} onClick={() => call.mutate()}>
        {t('dial.call')}
      </Button>
    </Empty>
  );
}
