import { ActionIcon, Menu } from '@mantine/core';
import { IconCoffee, IconDots, IconLogout, IconMessage, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import type { AgentRow } from '../../live/desk';
import { useNames } from '../../shared/names';
import { complain } from '../../shared/problem';
import { Confirm } from '../../ui/Confirm';
import { NoteDialog } from './NoteDialog';

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true };

/** What a supervisor may tell and order an agent: a note, a pause, its end, the end of the shift. During a call orders wait for the call's end. */
export function AgentOrders({ agent }: { agent: AgentRow }) {
  const { t } = useTranslation('dashboard');
  const names = useNames();
  const [leaving, setLeaving] = useState(false);
  const [writing, write] = useState(false);
  const pauses = useQuery({ queryKey: ['pauses'], queryFn: () => api.GET('/api/v1/pauses').then(body) });
  const path = { params: { path: { id: agent.id } } };
  const pause = useMutation({ mutationFn: (reason: string) => api.POST('/api/v1/agents/{id}/pause', { ...path, body: { reason } }).then(body), onError: complain });
  const resume = useMutation({ mutationFn: () => api.POST('/api/v1/agents/{id}/resume', path).then(body), onError: complain });
  const logOut = useMutation({ mutationFn: () => api.POST('/api/v1/agents/{id}/log-out', path).then(body), onError: complain, onSettled: () => setLeaving(false) });
  const resumeIn = useMutation({
    mutationFn: (queue: string) => api.POST('/api/v1/agents/{id}/queues/{queue}/resume', { params: { path: { id: agent.id, queue } } }).then(body),
    onError: complain,
  });
  if (agent.state === 'logged_out') return null;
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={200}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('orders', { name: agent.name })}>
            <IconDots size={18} stroke={1.8} color="var(--ink-2)" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconMessage {...ICON} />} onClick={() => write(true)}>
            {t('note')}
          </Menu.Item>
          <Menu.Divider />
          {(agent.state === 'paused' || agent.pending_pause) && (
            <Menu.Item leftSection={<IconPlayerPlay {...ICON} />} onClick={() => resume.mutate()}>
              {t('order_resume')}
            </Menu.Item>
          )}
          {agent.paused_in.map(({ queue }) => (
            <Menu.Item key={queue} leftSection={<IconPlayerPlay {...ICON} />} onClick={() => resumeIn.mutate(queue)}>
              {t('order_resume_in', { queue: names.queue(queue) })}
            </Menu.Item>
          ))}
          {agent.state !== 'paused' &&
            pauses.data?.map((known) => (
              <Menu.Item key={known.name} leftSection={<IconCoffee {...ICON} />} onClick={() => pause.mutate(known.name)}>
                {t('order_pause', { reason: known.label })}
              </Menu.Item>
            ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout {...ICON} />} onClick={() => setLeaving(true)}>
            {t('order_log_out')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <NoteDialog agent={agent} opened={writing} onClose={() => write(false)} />
      <Confirm opened={leaving} bad title={t('log_out_title', { name: agent.name })} text={t('log_out_text')} act={t('order_log_out')} pending={logOut.isPending} onAct={() => logOut.mutate()} onClose={() => setLeaving(false)} />
    </>
  );
}
