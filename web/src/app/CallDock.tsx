import { IconArrowsExchange, IconMessageQuestion, IconNotes, IconPhone, IconPhoneIncoming, IconPhoneOutgoing, IconPhoneX, IconPlayerPause, IconUsersGroup } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { queueFor } from '../live/desk';
import { useNames } from '../shared/names';
import { useDesk } from '../shared/useDesk';
import { Timer } from '../ui/Timer';
import { atHand, audioFault, type Phase } from './atHand';
import css from './shell.module.css';
import { Called, Offered } from './Offered';
import { PhoneBar } from './PhoneBar';
import { PhoneMenu } from './PhoneMenu';
import { Mute, Sound } from './Sound';
import { Talking } from './Talking';
import { WrapUp } from './WrapUp';

const ICONS: Record<Phase, typeof IconPhone> = { offered: IconPhoneIncoming, called: IconPhoneIncoming, asked: IconMessageQuestion, dialling: IconPhoneOutgoing, failed: IconPhoneX, talking: IconPhone, held: IconPlayerPause, consult: IconArrowsExchange, three_way: IconUsersGroup, wrap_up: IconNotes };

/** The call at hand, wherever one is in the desk: it rings, it is spoken, it is held, somebody is asked, it is written up. */
export function CallDock() {
  const { t, i18n } = useTranslation(['shell', 'calls']);
  const names = useNames();
  const me = useDesk((desk) => desk.me);
  const agent = me?.agent;
  const call = useDesk((desk) => (agent?.call ? desk.calls[agent.call] : undefined));
  const until = useDesk((desk) => desk.until);
  const now = me && atHand(me, call);
  const isPage = agent?.typology === 'webrtc';
  if (!now || !agent) return isPage ? <PhoneBar /> : null;

  const { phase, other, asked, waits } = now;
  const fault = audioFault(me, call, now);
  const Icon = ICONS[phase];
  const who = other && (other.agent_name || (other === call?.parties[0] && call.caller_name) || other.number);
  const reason = call?.not_reached && i18n.exists(`calls:reason.${call.not_reached}`) ? t(`calls:reason.${call.not_reached as 'busy'}`) : undefined;
  const title = t(`dock.${phase}`);
  const rings = phase === 'offered' || phase === 'called';
  // One's own telephone rings first, whom one calls only then.
  const own = call?.parties.find((party) => party.agent === me?.login);
  const picksUp = phase === 'dialling' && !other && own?.state !== 'up';
  const queue = call && queueFor(call, me?.login);
  return (
    <section className={css.dock} data-state={phase} aria-label={t('dock.label')} data-testid="dock">
      <span className={css.face}>
        <Icon size={20} stroke={1.8} aria-hidden />
      </span>
      <div className={css.who}>
        <b>{who ?? (phase === 'failed' || picksUp ? call?.called : call ? (call.caller_name ?? call.caller) : title)}</b>
        <span>
          <em role="status">
            {title}
            {phase === 'failed' && reason && `: ${reason}`}
            {phase === 'held' && reason && ` · ${t('dock.not_reached', { reason })}`}
            {picksUp && !isPage && agent.phone && ` · ${t('dock.pick_up', { phone: agent.phone })}`}
            {waits && ` · ${t('dock.on_hold')}`}
            {fault && ` · ${t(`dock.${fault}`)}`}
          </em>
          {other && who !== other.number && ` · ${other.number}`}
          {!other && call?.caller_name && ` · ${call.caller}`}
          {queue && ` · ${names.queue(queue)}`}
          {phase === 'wrap_up' && <span className={css.wide}> · {t('dock.wrap_up_hint')}</span>}
        </span>
      </div>
      {phase === 'offered' || phase === 'wrap_up' ? (
        until && <Timer className={css.big} until={until} label={t(phase === 'offered' ? 'dock.rings_for' : 'dock.left')} />
      ) : (
        <Timer className={css.big} since={agent.since} label={t('dock.duration')} />
      )}
      {asked && (
        <div className={css.asked} data-testid="asked">
          <b>{asked.agent_name ?? asked.number}</b>
          <span>{t(asked.state !== 'up' ? 'dock.ringing' : asked.on_hold ? 'dock.on_hold' : phase === 'three_way' ? 'dock.with_all' : 'dock.hears_you')}</span>
        </div>
      )}
      {isPage && <Sound phase={phase} />}
      <span className="push" />
      {phase === 'called' && agent.call && <Called phone={agent.phone ?? ''} call={agent.call} />}
      {isPage && !rings && phase !== 'wrap_up' && phase !== 'held' && <Mute />}
      {phase === 'offered' && <Offered phone={agent.phone ?? ''} offer={agent.offer} />}
      {phase === 'wrap_up' && <WrapUp />}
      {agent.call && !rings && phase !== 'wrap_up' && <Talking call={agent.call} phase={phase} asks={asked !== undefined} answered={asked?.state === 'up'} recording={call?.recording} />}
      {isPage && <PhoneMenu />}
    </section>
  );
}
