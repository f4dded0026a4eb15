import { ActionIcon, Button, Menu, Modal, Skeleton } from '@mantine/core';
import { IconDoorExit, IconEar, IconHeadphones, IconMessage2, IconPhoneIncoming, IconUsersGroup } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import type { AgentRow } from '../../live/desk';
import { Failed } from '../../shared/Failed';
import { complain } from '../../shared/problem';
import { useDesk } from '../../shared/useDesk';
import { PhoneList } from './PhoneList';

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true };
const MODES = [
  { mode: 'listen', Icon: IconEar },
  { mode: 'whisper', Icon: IconMessage2 },
  { mode: 'barge', Icon: IconUsersGroup },
] as const;
type Mode = (typeof MODES)[number]['mode'];

/** Being beside an agent who talks: listen, whisper, speak with both, by a telephone that rings for it; then having the call alone. */
export function Supervise({ agent }: { agent: AgentRow }) {
  const { t } = useTranslation(['dashboard', 'common']);
  const me = useDesk((desk) => desk.me?.login);
  const call = useDesk((desk) => Object.values(desk.calls).find((call) => call.state === 'talking' && call.parties.some((party) => party.agent === agent.login)));
  const [wanted, want] = useState<Mode | null>(null);
  const id = call?.call ?? '';
  const take = useMutation({
    mutationFn: ({ mode, phone }: { mode: Mode; phone?: string }) => api.POST('/api/v1/calls/{id}/{mode}', { params: { path: { id, mode } }, body: { phone } }).then(body),
    onError: complain,
    onSettled: () => want(null),
  });
  const takeOver = useMutation({ mutationFn: () => api.POST('/api/v1/calls/{id}/take-over', { params: { path: { id } } }).then(body), onError: complain });
  const leave = useMutation({ mutationFn: () => api.POST('/api/v1/calls/{id}/stop-supervising', { params: { path: { id } } }).then(body), onError: complain });
  if (!call || agent.login === me) return null;
  const there = call.supervisor;
  const mine = there?.login === me;
  return (
    <>
      {there && (
        <span className="meta" data-testid={`supervised-${agent.login}`}>
          {t(`supervised_${there.mode as Mode}`, { name: there.name })}
        </span>
      )}
      {(mine || !there) && (
        <Menu position="bottom-end" shadow="md" width={230}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('supervise', { name: agent.name })}>
              <IconHeadphones size={18} stroke={1.8} color="var(--ink-2)" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {MODES.filter(({ mode }) => !mine || there?.mode !== mode).map(({ mode, Icon }) => (
              <Menu.Item key={mode} leftSection={<Icon {...ICON} />} onClick={() => (mine ? take.mutate({ mode }) : want(mode))}>
                {t(`supervise_${mode}`)}
              </Menu.Item>
            ))}
            {mine && (
              <Menu.Item leftSection={<IconPhoneIncoming {...ICON} />} onClick={() => takeOver.mutate()}>
                {t('supervise_take_over')}
              </Menu.Item>
            )}
            {mine && (
              <Menu.Item leftSection={<IconDoorExit {...ICON} />} onClick={() => leave.mutate()}>
                {t('supervise_stop')}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      <Modal opened={wanted !== null} onClose={() => want(null)} title={t('supervise_by')} centered size={420} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {wanted && <Phones pending={take.isPending} onChoose={(phone) => take.mutate({ mode: wanted, phone })} />}
      </Modal>
    </>
  );
}

/** The telephones that nobody works with. */
function Phones({ pending, onChoose }: { pending: boolean; onChoose: (phone: string) => void }) {
  const { t } = useTranslation('dashboard');
  const phones = useQuery({ queryKey: ['phones', 'available'], queryFn: () => api.GET('/api/v1/phones', { params: { query: { available: true } } }).then(body) });
  const [wanted, choose] = useState<string>();
  if (phones.isPending) return <Skeleton height={58} radius={10} aria-label={t('supervise_by')} />;
  if (phones.isError) return <Failed error={phones.error} onRetry={() => void phones.refetch()} />;
  if (phones.data.length === 0) return <p>{t('supervise_no_phone')}</p>;
  const chosen = phones.data.some((phone) => phone.name === wanted) ? wanted : phones.data[0]?.name;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) onChoose(chosen);
      }}
    >
      <PhoneList label={t('supervise_by')} phones={phones.data} chosen={chosen} onChoose={choose} />
      <Button type="submit" fullWidth mt={16} loading={pending}>
        {t('supervise_ring')}
      </Button>
    </form>
  );
}
