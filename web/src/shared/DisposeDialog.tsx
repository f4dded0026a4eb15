import { Button, Modal } from '@mantine/core';
import { IconTagOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Empty } from '../ui/Empty';
import { DisposeForm } from './DisposeForm';
import { offered, useDispositions } from './dispositions';
import { useDrafts } from './drafts';

interface DisposeDialogProps {
  call: string;
  number: number;
  queue: string | null | undefined;
  note?: string | null;
  /** How it is classed now, by ids from the first level down. */
  before?: string[];
  /** It was classed; without, the same as closed. */
  onDone?: () => void;
  onClose: () => void;
}

/** Classes a call that is over. */
export function DisposeDialog({ call, number, queue, note, before, onDone, onClose }: DisposeDialogProps) {
  const { t } = useTranslation(['dispose', 'common']);
  const { data } = useDispositions();
  const [changed, setChanged] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const { drop } = useDrafts();
  // What was typed in this moment is in the draft before it is in `changed`.
  const leave = () => {
    const draft = useDrafts.getState().notes[call];
    if (changed || (draft !== undefined && draft !== (note ?? ''))) setLeaving(true);
    else onClose();
  };
  return (
    <Modal opened onClose={leave} title={t('title', { number })} centered size={560} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {data && offered(data, queue).length === 0 ? (
        <Empty icon={<IconTagOff size={26} stroke={1.6} />} title={t('none')} hint={t('none_hint')} />
      ) : (
        <DisposeForm call={call} queue={queue} note={note} before={before} onChanged={setChanged} onDone={onDone ?? onClose} />
      )}
      {leaving && (
        <div role="alert" style={{ marginTop: 16 }}>
          <b>{t('unsaved')}</b>
          <p style={{ color: 'var(--ink-2)', margin: '4px 0 10px' }}>{t('unsaved_text')}</p>
          <div style={{ display: 'flex', gap: 10, justifyContent: 'flex-end' }}>
            <Button variant="default" onClick={() => setLeaving(false)}>
              {t('common:cancel')}
            </Button>
            <Button
              color="var(--end)"
              onClick={() => {
                drop(call);
                onClose();
              }}
            >
              {t('unsaved_leave')}
            </Button>
          </div>
        </div>
      )}
    </Modal>
  );
}
