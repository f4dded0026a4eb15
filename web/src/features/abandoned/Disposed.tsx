import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { DisposeDialog } from '../../shared/DisposeDialog';
import css from '../../shared/list.module.css';
import type { AbandonedRow } from './columns';

/** How an abandoned call is classed. Who has reserved it may class it, and change that. */
export function Disposed({ call, mine }: { call: AbandonedRow; mine: boolean }) {
  const { t } = useTranslation('abandoned');
  const [open, setOpen] = useState(false);
  const title = [call.disposition_names.join(' / '), call.note].filter(Boolean).join(' · ');
  if (!mine) return call.disposition ? <span title={title}>{call.disposition}</span> : <>–</>;
  return (
    <>
      <button type="button" className={css.dial} title={title} aria-label={t('dispose', { number: call.number })} onClick={() => setOpen(true)}>
        {call.disposition ?? t('choose')}
      </button>
      {open && <DisposeDialog call={call.id} number={call.number} queue={call.queue} note={call.note} before={call.disposition_path} onClose={() => setOpen(false)} />}
    </>
  );
}
