import { Button, Modal, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import type { AgentRow } from '../../live/desk';
import { words } from '../../shared/problem';

/** Characters the server takes. */
const MAX = 500;

interface NoteDialogProps {
  agent: AgentRow;
  opened: boolean;
  onClose: () => void;
}

/** A few words that show on an agent's desktop. */
export function NoteDialog({ agent, opened, onClose }: NoteDialogProps) {
  const { t } = useTranslation(['dashboard', 'common']);
  return (
    <Modal opened={opened} onClose={onClose} title={t('note_title', { name: agent.name })} centered size={440} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {opened && <NoteForm agent={agent} onClose={onClose} />}
    </Modal>
  );
}

function NoteForm({ agent, onClose }: Omit<NoteDialogProps, 'opened'>) {
  const { t } = useTranslation('dashboard');
  const [text, write] = useState('');
  const send = useMutation({
    mutationFn: () => api.POST('/api/v1/agents/{id}/note', { params: { path: { id: agent.id } }, body: { text } }).then(body),
    onSuccess: () => {
      notifications.show({ message: t('note_sent', { name: agent.name }), withBorder: true });
      onClose();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <Textarea label={t('note_text')} description={t('note_hint')} value={text} onChange={(event) => write(event.currentTarget.value)} maxLength={MAX} autosize minRows={3} maxRows={8} data-autofocus error={send.isError && words(send.error)} />
      <Button type="submit" mt={14} fullWidth disabled={text.trim() === ''} loading={send.isPending}>
        {t('note_send')}
      </Button>
    </form>
  );
}
