import { IconMapOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { Empty } from '../ui/Empty';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty icon={<IconMapOff size={28} stroke={1.6} />} title={t('not_found')} hint={t('not_found_hint')}>
      <Link to="/">{t('go_home')}</Link>
    </Empty>
  );
}
