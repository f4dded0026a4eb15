import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { NewPassword } from '../features/auth/NewPassword';

/** The own password, changed at work. */
export function PasswordDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(['auth', 'common']);
  return (
    <Modal opened={opened} onClose={onClose} title={t('password_change')} centered size={420} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <NewPassword act={t('password_change')} other={t('common:cancel')} onOther={onClose} onDone={onClose} />
    </Modal>
  );
}
