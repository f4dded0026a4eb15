import { ActionIcon, Button, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { IconUserPlus, IconUsersGroup, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type Schemas } from '../../api/client';
import { Failed } from '../../shared/Failed';
import { complain } from '../../shared/problem';
import { Empty } from '../../ui/Empty';
import css from './admin.module.css';
import { LiveState } from './LiveState';

/** Who works in a queue. Every change is in use at once. */
export function Members({ id }: { id: string }) {
  const { t } = useTranslation('admin');
  const client = useQueryClient();
  const key = ['setup', 'queues', id, 'members'];
  const members = useQuery({ queryKey: key, queryFn: () => api.GET('/api/v1/queues/{id}/members', { params: { path: { id } } }).then(body) });
  const people = useQuery({ queryKey: ['setup', 'users'], queryFn: () => api.GET('/api/v1/users').then(body).then((page) => page.items) });
  const [chosen, choose] = useState('');
  const done = { onSuccess: () => client.invalidateQueries({ queryKey: key }), onError: complain };
  const save = useMutation({ mutationFn: ({ agent, priority }: { agent: string; priority: number }) => api.PUT('/api/v1/queues/{id}/members/{agent}', { params: { path: { id, agent } }, body: { priority } }).then(body), ...done });
  const remove = useMutation({ mutationFn: (agent: string) => api.DELETE('/api/v1/queues/{id}/members/{agent}', { params: { path: { id, agent } } }).then(body), ...done });
  if (members.isError) return <Failed error={members.error} onRetry={() => void members.refetch()} />;

  const nameOf = (member: Schemas['Member']) => people.data?.find((user) => user.id === member.agent)?.name ?? member.login;
  const others = (people.data ?? []).filter((user) => user.agent && !members.data?.some((member) => member.agent === user.id));
  return (
    <section className={css.below} aria-labelledby="members">
      <h2 id="members">{t('members')}</h2>
      {members.isPending && <Skeleton height={84} />}
      {members.data?.length === 0 && <Empty icon={<IconUsersGroup size={24} stroke={1.6} />} title={t('no_members')} hint={t('no_members_hint')} />}
      {members.data && members.data.length > 0 && (
        <ul className={css.members}>
          {members.data.map((member) => (
            <li key={member.agent}>
              <b>{nameOf(member)}</b>
              <LiveState login={member.login} />
              <TextInput
                size="xs"
                w={64}
                inputMode="numeric"
                aria-label={t('priority_of', { name: nameOf(member) })}
                defaultValue={member.priority}
                key={member.priority}
                onBlur={(event) => {
                  const priority = Number(event.currentTarget.value);
                  if (!Number.isInteger(priority) || priority < 1) event.currentTarget.value = String(member.priority);
                  else if (priority !== member.priority) save.mutate({ agent: member.agent, priority });
                }}
                onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
              />
              <ActionIcon variant="subtle" color="gray" aria-label={t('remove_member', { name: nameOf(member) })} title={t('remove_member', { name: nameOf(member) })} onClick={() => remove.mutate(member.agent)}>
                <IconX size={16} stroke={1.8} color="var(--ink-2)" />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <div className={css.add}>
          <NativeSelect aria-label={t('choose_agent')} value={chosen} onChange={(event) => choose(event.currentTarget.value)} data={[{ value: '', label: t('choose_agent') }, ...others.map((user) => ({ value: user.id, label: user.name }))]} />
          <Button variant="default" leftSection={<IconUserPlus size={16} stroke={1.7} />} disabled={!others.some((user) => user.id === chosen)} onClick={() => save.mutate({ agent: chosen, priority: 1 })}>
            {t('add_member')}
          </Button>
        </div>
      )}
    </section>
  );
}
