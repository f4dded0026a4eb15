import { Button, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface ConfirmProps {
  opened: boolean;
  title: string;
  /** What happens then. */
  text: string;
  /** The act, as a verb. */
  act: string;
  bad?: boolean;
  pending?: boolean;
  onAct: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be undone. */
export function Confirm({ opened, title, text, act, bad, pending, onAct, onClose }: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered size={420} closeButtonProps={{ 'aria-label': t('close') }}>
      <p style={{ color: 'var(--ink-2)', marginBottom: 18 }}>{text}</p>
      <div style={{ display: 'flex', gap: 10, justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onClose} data-autofocus>
          {t('cancel')}
        </Button>
        <Button color={bad ? 'var(--end)' : undefined} loading={pending} onClick={onAct}>
          {act}
        </Button>
      </div>
    </Modal>
  );
}
