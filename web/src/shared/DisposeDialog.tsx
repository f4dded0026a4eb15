import { Modal } from '@mantine/core';
import { IconTagOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { Empty } from '../ui/Empty';
import { DisposeForm } from './DisposeForm';
import { offered, useDispositions } from './dispositions';

interface DisposeDialogProps {
  call: string;
  number: number;
  queue: string | null | undefined;
  note?: string | null;
  onClose: () => void;
}

/** Classes a call that is over. */
export function DisposeDialog({ call, number, queue, note, onClose }: DisposeDialogProps) {
  const { t } = useTranslation(['dispose', 'common']);
  const { data } = useDispositions();
  return (
    <Modal opened onClose={onClose} title={t('title', { number })} centered size={560} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {data && offered(data, queue).length === 0 ? (
        <Empty icon={<IconTagOff size={26} stroke={1.6} />} title={t('none')} hint={t('none_hint')} />
      ) : (
        <DisposeForm call={call} queue={queue} note={note} onDone={onClose} />
      )}
    </Modal>
  );
}
