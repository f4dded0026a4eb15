import { IconCheck, IconDeviceLandlinePhone, IconNotes, IconPhone, IconPhoneIncoming, IconPhoneOff, IconPhoneX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, body } from '../api/client';
import { takeMe } from '../live/desk';
import { complain } from '../shared/problem';
import { useDesk } from '../shared/useDesk';
import { Timer } from '../ui/Timer';
import css from './shell.module.css';

const ICONS = { offered: IconPhoneIncoming, talking: IconPhone, wrap_up: IconNotes };

/** The call at hand, wherever one is in the desk: it rings, it is spoken, it is written up. */
export function CallDock() {
  const { t } = useTranslation('shell');
  const agent = useDesk((desk) => desk.me?.agent);
  const call = useDesk((desk) => (agent?.call ? desk.calls[agent.call] : undefined));
  const queue = useDesk((desk) => desk.queues?.find((known) => known.name === call?.queue)?.label);
  const until = useDesk((desk) => desk.until);
  const hangUp = useMutation({ mutationFn: (id: string) => api.POST('/api/v1/calls/{id}/hang-up', { params: { path: { id } } }).then(body), onError: complain });
  const finish = useMutation({ mutationFn: () => api.POST('/api/v1/me/end-wrapup').then(body), onSuccess: takeMe, onError: complain });
  const decline = useMutation({ mutationFn: (id: string) => api.POST('/api/v1/offers/{id}/decline', { params: { path: { id } } }).then(body), onError: complain });
  const state = agent?.state;
  if (state !== 'offered' && state !== 'talking' && state !== 'wrap_up') return null;

  const Icon = ICONS[state];
  const title = { offered: t('dock.incoming'), talking: t('dock.talking'), wrap_up: t('dock.wrap_up') }[state];
  const declining = decline.isPending || (decline.isSuccess && decline.variables === agent?.offer);
  const ending = hangUp.isPending || (hangUp.isSuccess && hangUp.variables === agent?.call);
  return (
    <section className={css.dock} data-state={state} aria-label={t('dock.label')} data-testid="dock">
      <span className={css.face}>
        <Icon size={20} stroke={1.8} aria-hidden />
      </span>
      <div className={css.who}>
        <b>{call ? (call.caller_name ?? call.caller) : title}</b>
        <span>
          <em role="status">{title}</em>
          {call?.caller_name && ` · ${call.caller}`}
          {queue && ` · ${queue}`}
          {state === 'wrap_up' && <span className={css.wide}> · {t('dock.wrap_up_hint')}</span>}
        </span>
      </div>
      {state === 'talking' ? <Timer className={css.big} since={agent?.since} label={t('dock.duration')} /> : until && <Timer className={css.big} until={until} label={state === 'offered' ? t('dock.rings_for') : t('dock.left')} />}
      <span className="push" />
      {state === 'offered' && (
        <>
          <span className={css.answer} role="status">
            <IconDeviceLandlinePhone size={18} stroke={1.7} aria-hidden />
            {t('dock.answer_on', { phone: agent?.phone ?? '' })}
          </span>
          <button type="button" className={css.quiet} disabled={!agent?.offer || declining} onClick={() => agent?.offer && decline.mutate(agent.offer)}>
            <IconPhoneX size={18} stroke={1.8} aria-hidden />
            {declining ? t('dock.declining') : t('dock.decline')}
          </button>
        </>
      )}
      {state === 'talking' && agent?.call && (
        <button type="button" className={css.act} disabled={ending} onClick={() => agent.call && hangUp.mutate(agent.call)}>
          <IconPhoneOff size={18} stroke={1.8} aria-hidden />
          {ending ? t('dock.hanging_up') : t('dock.hang_up')}
        </button>
      )}
      {state === 'wrap_up' && (
        <button type="button" className={css.act} disabled={finish.isPending} onClick={() => finish.mutate()}>
          <IconCheck size={18} stroke={1.9} aria-hidden />
          {t('dock.finish')}
        </button>
      )}
    </section>
  );
}
