import { IconArrowForwardUp, IconArrowsExchange, IconPhoneCheck, IconPhoneOff, IconPlayerPause, IconPlayerPlay, IconPlayerRecord, IconPlayerRecordFilled, IconUsersGroup, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type ComponentType } from 'react';
import { useTranslation } from 'react-i18next';

import type { LiveCall } from '../live/desk';
import { complain } from '../shared/problem';
import type { Phase } from './atHand';
import { Keypad } from './Keypad';
import { shortcut, type KeyOf } from './keys';
import { order } from './orders';
import css from './shell.module.css';
import { TransferDialog } from './TransferDialog';

interface TalkingProps {
  call: string;
  phase: Phase;
  /** It is oneself who asks the third one. */
  asks: boolean;
  /** Whoever is asked is there. */
  answered: boolean;
  /** How the recording stands, if there is one. */
  recording: LiveCall['recording'] | undefined;
}

/** What one can do with a call: hold it, give it on, ask somebody first, end it. */
export function Talking({ call, phase, asks, answered, recording }: TalkingProps) {
  const { t } = useTranslation('shell');
  const [giving, setGiving] = useState(false);
  const hangUp = useMutation({ mutationFn: order.hangUp, onError: complain });
  const act = useMutation({ mutationFn: (what: 'hold' | 'resume' | 'swap' | 'complete' | 'cancelConsult' | 'threeWay' | 'pauseRecording' | 'resumeRecording') => order[what](call), onError: complain });
  const ending = hangUp.isPending || (hangUp.isSuccess && hangUp.variables === call);

  const busy = act.isPending || ending;
  return (
    <>
      {phase === 'three_way' && asks && (
        <>
          <Tool word="private" Icon={IconArrowsExchange} disabled={busy} onClick={() => act.mutate('swap')} />
          <Tool word="drop_out" Icon={IconPhoneCheck} disabled={busy} onClick={() => act.mutate('complete')} />
          <Tool word="let_go" Icon={IconX} disabled={busy} onClick={() => act.mutate('cancelConsult')} />
        </>
      )}
      {phase === 'consult' && (
        <>
          <Tool word="three_way" Icon={IconUsersGroup} disabled={busy || !answered} onClick={() => act.mutate('threeWay')} />
          <Tool word="swap" Icon={IconArrowsExchange} disabled={busy || !answered} onClick={() => act.mutate('swap')} />
          <Tool word="complete" Icon={IconPhoneCheck} disabled={busy || !answered} onClick={() => act.mutate('complete')} />
          <Tool word="cancel_consult" Icon={IconX} disabled={busy} onClick={() => act.mutate('cancelConsult')} />
        </>
      )}
      {phase === 'talking' && <Tool word="hold" shortcut="hold" Icon={IconPlayerPause} disabled={busy} onClick={() => act.mutate('hold')} />}
      {phase === 'held' && (
        <button type="button" className={css.accept} disabled={busy} data-key="hold" aria-keyshortcuts={shortcut('hold')} title={`${t('dock.resume')} (${shortcut('hold')})`} onClick={() => act.mutate('resume')}>
          <IconPlayerPlay size={18} stroke={1.8} aria-hidden />
          {t('dock.resume')}
        </button>
      )}
      {(phase === 'talking' || phase === 'held') && <Tool word="transfer" shortcut="transfer" Icon={IconArrowForwardUp} disabled={busy} onClick={() => setGiving(true)} />}
      {recording === 'running' && <Tool word="pause_recording" Icon={IconPlayerRecord} disabled={busy} onClick={() => act.mutate('pauseRecording')} />}
      {recording === 'paused' && <Tool word="resume_recording" Icon={IconPlayerRecordFilled} disabled={busy} onClick={() => act.mutate('resumeRecording')} />}
      {(phase === 'talking' || asks) && <Keypad call={call} disabled={ending} />}
      <button type="button" className={css.act} disabled={ending} data-key="end" aria-keyshortcuts={shortcut('end')} title={`${t('dock.hang_up')} (${shortcut('end')})`} onClick={() => hangUp.mutate(call)}>
        <IconPhoneOff size={18} stroke={1.8} aria-hidden />
        {t(ending ? 'dock.hanging_up' : 'dock.hang_up')}
      </button>
      <TransferDialog call={call} opened={giving && (phase === 'talking' || phase === 'held')} onClose={() => setGiving(false)} />
    </>
  );
}

interface ToolProps {
  shortcut?: KeyOf;
  word: 'hold' | 'swap' | 'complete' | 'cancel_consult' | 'transfer' | 'three_way' | 'private' | 'drop_out' | 'let_go' | 'pause_recording' | 'resume_recording';
  Icon: ComponentType<{ size: number; stroke: number }>;
  disabled: boolean;
  onClick: () => void;
}

function Tool({ word, Icon, disabled, shortcut: key, onClick }: ToolProps) {
  const { t } = useTranslation('shell');
  return (
    <button type="button" className={css.tool} disabled={disabled} data-key={key} aria-keyshortcuts={key && shortcut(key)} title={key && `${t(`dock.${word}`)} (${shortcut(key)})`} onClick={onClick}>
      <Icon size={19} stroke={1.7} />
      {t(`dock.${word}`)}
    </button>
  );
}
