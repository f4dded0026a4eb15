import { Menu } from '@mantine/core';
import { IconChevronDown, IconCoffee, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, body } from '../api/client';
import { takeMe } from '../live/desk';
import { pauseName, useNames } from '../shared/names';
import { complain } from '../shared/problem';
import { useDesk } from '../shared/useDesk';
import { StateLed } from '../ui/Pill';
import { Timer } from '../ui/Timer';
import css from './shell.module.css';

/** State and time in it; the default pause in one click, others by name. Inert for agents who do this on their phone, bare for those who may not. */
export function StateControl({ inert, bare }: { inert: boolean; bare: boolean }) {
  const { t } = useTranslation('shell');
  const names = useNames();
  const agent = useDesk((desk) => desk.me?.agent);
  const pauses = useQuery({ queryKey: ['pauses'], queryFn: () => api.GET('/api/v1/pauses').then(body) });
  const pause = useMutation({ mutationFn: (reason?: string) => api.POST('/api/v1/me/pause', { body: { reason } }).then(body), onSuccess: takeMe, onError: complain });
  const resume = useMutation({ mutationFn: () => api.POST('/api/v1/me/resume').then(body), onSuccess: takeMe, onError: complain });
  const queues = useDesk((desk) => desk.queues);
  const where = (queue: string) => ({ params: { path: { queue } } });
  const pauseIn = useMutation({ mutationFn: (queue: string) => api.POST('/api/v1/me/queues/{queue}/pause', { ...where(queue), body: {} }).then(body), onSuccess: takeMe, onError: complain });
  const resumeIn = useMutation({ mutationFn: (queue: string) => api.POST('/api/v1/me/queues/{queue}/resume', where(queue)).then(body), onSuccess: takeMe, onError: complain });
  if (!agent) return null;

  const usual = pauses.data?.find((known) => known.default);
  const busy = [pause, resume, pauseIn, resumeIn].some((order) => order.isPending);
  const out = agent.state === 'logged_out';
  const paused = agent.state === 'paused';
  return (
    <div className={css.state} role="group" aria-label={t('time_in_state')}>
      <span data-testid="state">
        <StateLed state={agent.state} />
        {t(`state.${agent.state as 'paused'}`)}
        {paused && agent.pause && ` · ${pauseName(agent)}`}
        {agent.since && <Timer since={agent.since} label={t('time_in_state')} />}
        {!paused && agent.paused_in.length > 0 && (
          <span className="meta" data-testid="paused-in">
            {t('paused_in', { queues: agent.paused_in.map(({ queue }) => names.queue(queue)).join(', ') })}
          </span>
        )}
        {agent.pending_pause && <span className="meta">{t('pending', { reason: agent.pending_pause_label ?? agent.pending_pause })}</span>}
      </span>
      {inert && !bare && <span className="meta">{t('on_the_phone')}</span>}
      {!inert && !out && (paused || agent.pending_pause || agent.paused_in.length > 0) && (
        <button type="button" className={css.resume} disabled={busy} onClick={() => resume.mutate()}>
          <IconPlayerPlay size={15} stroke={1.9} aria-hidden />
          {t('resume')}
        </button>
      )}
      {!inert && !bare && !out && !paused && !agent.pending_pause && (
        <button type="button" disabled={busy} onClick={() => pause.mutate(undefined)} title={usual && t('pause_now', { reason: usual.label })}>
          <IconCoffee size={16} stroke={1.7} aria-hidden />
          {t('pause')}
        </button>
      )}
      {!inert && !bare && !out && (
        <Menu position="bottom-end" shadow="md" width={210}>
          <Menu.Target>
            <button type="button" aria-label={t('pause_other')} title={t('pause_other')} disabled={busy}>
              <IconChevronDown size={15} stroke={1.9} aria-hidden />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {pauses.data?.map((known) => (
              <Menu.Item key={known.name} onClick={() => pause.mutate(known.name)} rightSection={known.paid ? <span className="meta">{t('paid')}</span> : undefined}>
                {known.label}
              </Menu.Item>
            ))}
            {!paused && (queues?.length ?? 0) > 1 && (
              <>
                <Menu.Divider />
                <Menu.Label>{t('pause_in')}</Menu.Label>
                {queues?.map((queue) => {
                  const is = agent.paused_in.some((one) => one.queue === queue.name);
                  return (
                    <Menu.CheckboxItem key={queue.name} checked={is} onChange={() => (is ? resumeIn : pauseIn).mutate(queue.name)}>
                      {queue.label}
                    </Menu.CheckboxItem>
                  );
                })}
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
