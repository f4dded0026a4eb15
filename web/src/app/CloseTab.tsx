import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Schemas } from '../api/client';
import { desk } from '../live/desk';
import { DisposeDialog } from '../shared/DisposeDialog';
import { queries } from '../shared/queries';
import type { Tab } from '../shared/tabs';

function known(call: string): Schemas['CallDetails'] | undefined {
  return queries.getQueryData<Schemas['CallDetails']>(['calls', 'one', call]);
}

/** Whether a call is over and its agent has not said what came of it. */
export function isUnclassed(call: string): boolean {
  const of = known(call);
  return desk.getState().me?.role === 'agent' && of !== undefined && Boolean(of.ended_at) && of.kind !== 'service' && !of.disposition;
}

/** Asks what becomes of a call whose tab is closed: it is closed, closed and classed, or stays open. */
export function CloseTab({ tab, onClosed, onKept }: { tab: Tab; onClosed: () => void; onKept: () => void }) {
  const { t } = useTranslation('shell');
  const [classing, setClassing] = useState(false);
  const call = known(tab.call);
  if (classing) return <DisposeDialog call={tab.call} number={tab.number} queue={call?.queue} note={call?.note} onDone={onClosed} onClose={onKept} />;
  return (
    <Modal opened onClose={onKept} title={t('closing.title', { number: tab.number })} centered size={460} withCloseButton={false}>
      <p style={{ color: 'var(--ink-2)', marginBottom: 18 }}>{t('closing.text')}</p>
      <div style={{ display: 'flex', gap: 10, justifyContent: 'flex-end', flexWrap: 'wrap' }}>
        <Button variant="default" onClick={onKept}>
          {t('closing.keep')}
        </Button>
        <Button variant="default" onClick={onClosed}>
          {t('closing.close')}
        </Button>
        <Button onClick={() => setClassing(true)} data-autofocus>
          {t('closing.dispose')}
        </Button>
      </div>
    </Modal>
  );
}
