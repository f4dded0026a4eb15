import { Button, Modal, TextInput } from '@mantine/core';
import { IconArrowForwardUp, IconSearch, IconUserQuestion } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type Schemas } from '../api/client';
import { Failed } from '../shared/Failed';
import { matches } from '../shared/matches';
import { words } from '../shared/problem';
import { StateLed } from '../ui/Pill';
import { order } from './orders';
import css from './transfer.module.css';

type Target = Schemas['TransferTarget'];

/** Gives the call on to a colleague, a queue or a number, at once or after asking. */
export function TransferDialog({ call, opened, onClose }: { call: string; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('shell');
  return (
    <Modal opened={opened} onClose={onClose} title={t('transfer.title')} centered size={520} closeButtonProps={{ 'aria-label': t('transfer.close') }}>
      {opened && <Targets call={call} onDone={onClose} />}
    </Modal>
  );
}

function Targets({ call, onDone }: { call: string; onDone: () => void }) {
  const { t } = useTranslation('shell');
  const [sought, seek] = useState('');
  const targets = useQuery({ queryKey: ['targets'], queryFn: () => api.GET('/api/v1/targets').then(body), staleTime: 0, refetchInterval: 3000 });
  const give = useMutation({ mutationFn: ({ to, ask }: { to: Target; ask: boolean }) => (ask ? order.consult(call, { agent: to.agent, number: to.number }) : order.transfer(call, to)), onSuccess: onDone });
  const agents = (targets.data?.agents ?? []).filter((agent) => matches(sought, [agent.name, agent.login, agent.number]));
  const queues = (targets.data?.queues ?? []).filter((queue) => matches(sought, [queue.label, queue.name]));
  const number = sought.replace(/[\s()./-]/g, '');
  const dialled = /^\+?[0-9*#]{2,}$/.test(number);

  const busy = give.isPending;
  const onGive = (to: Target, ask: boolean) => give.mutate({ to, ask });
  return (
    <div className={css.body}>
      <TextInput data-autofocus aria-label={t('transfer.find')} placeholder={t('transfer.find')} leftSection={<IconSearch size={15} stroke={1.8} />} value={sought} onChange={(event) => seek(event.currentTarget.value)} />
      {give.isError && (
        <p className={css.error} role="alert">
          {words(give.error)}
        </p>
      )}
      {targets.isError && <Failed error={targets.error} onRetry={() => void targets.refetch()} />}
      <div className={css.list} role="region" aria-label={t('transfer.title')} tabIndex={0}>
        {dialled && (
          <div className={css.row}>
            <b>{number}</b>
            <Acts name={number} to={{ number }} busy={busy} onGive={onGive} />
          </div>
        )}
        {agents.length > 0 && <h3>{t('transfer.colleagues')}</h3>}
        {agents.map((agent) => (
          <div key={agent.login} className={css.row}>
            <StateLed state={agent.state} />
            <b>{agent.name}</b>
            <span className="meta">
              {agent.number} · {t(`state.${agent.state as 'paused'}`)}
            </span>
            <Acts name={agent.name} to={{ agent: agent.login }} busy={busy} onGive={onGive} />
          </div>
        ))}
        {queues.length > 0 && <h3>{t('transfer.queues')}</h3>}
        {queues.map((queue) => (
          <div key={queue.name} className={css.row}>
            <b>{queue.label}</b>
            <span className="meta">{t('transfer.waiting', { count: queue.waiting })}</span>
            <Acts name={queue.label} to={{ queue: queue.name }} ask={false} busy={busy} onGive={onGive} />
          </div>
        ))}
        {targets.isSuccess && !dialled && agents.length + queues.length === 0 && <p className="meta">{t('transfer.none')}</p>}
      </div>
    </div>
  );
}

interface ActsProps {
  name: string;
  to: Target;
  /** Whether there is somebody to ask. */
  ask?: boolean;
  busy: boolean;
  onGive: (to: Target, ask: boolean) => void;
}

function Acts({ name, to, ask = true, busy, onGive }: ActsProps) {
  const { t } = useTranslation('shell');
  return (
    <span className={css.acts}>
      {ask && (
        <Button size="compact-sm" variant="default" leftSection={<IconUserQuestion size={15} stroke={1.7} />} disabled={busy} aria-label={t('transfer.ask_whom', { name })} onClick={() => onGive(to, true)}>
          {t('transfer.ask')}
        </Button>
      )}
      <Button size="compact-sm" leftSection={<IconArrowForwardUp size={15} stroke={1.7} />} disabled={busy} aria-label={t('transfer.give_whom', { name })} onClick={() => onGive(to, false)}>
        {t('transfer.give')}
      </Button>
    </span>
  );
}
