import { ActionIcon, NativeSelect } from '@mantine/core';
import { IconDownload, IconPlayerPauseFilled, IconPlayerPlayFilled, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type RecordingRow } from '../../api/client';
import { Dial } from '../../shared/Dial';
import { bytes, duration } from '../../shared/format';
import { useDesk } from '../../shared/useDesk';
import { audioOf } from './audio';
import { Links } from './Links';
import { readPeaks } from './peaks';
import { after } from './quiet';
import css from './recordings.module.css';
import { Rated, Stars } from './Stars';
import { Wave } from './Wave';

const STRETCHES = 160;
const LOOK_AGAIN_MS = 2000;

/** Plays one recording: its shape, where one is in it, the other side above and the agents below. */
export function Player({ recording, onClose }: { recording: RecordingRow; onClose: () => void }) {
  const { t, i18n } = useTranslation('recordings');
  const supervises = useDesk((desk) => desk.me?.role !== undefined && desk.me.role !== 'agent');
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [broken, setBroken] = useState(false);
  const [skips, skip] = useState(false);
  const url = audioOf(recording.id);
  const length = (recording.length_ms ?? 0) / 1000;
  const size = recording.bytes ?? 0;
  const peaks = useQuery({ queryKey: ['peaks', recording.id], queryFn: ({ signal }) => readPeaks(url, size, STRETCHES, signal), enabled: size > 0, gcTime: 60_000 });

  // One that has just ended is looked at in a moment.
  const details = useQuery({
    queryKey: ['recordings', 'details', recording.id],
    queryFn: () => api.GET('/api/v1/recordings/{id}', { params: { path: { id: recording.id } } }).then(body),
    refetchInterval: ({ state }) => (state.data && !state.data.checked_at ? LOOK_AGAIN_MS : false),
  });
  const quiet = details.data?.quiet ?? undefined;

  useEffect(() => {
    void audio.current?.play().catch(() => setPlaying(false));
  }, []);

  function moved({ currentTarget }: { currentTarget: HTMLAudioElement }): void {
    const onward = skips && quiet && !currentTarget.paused ? after(quiet, currentTarget.currentTime) : undefined;
    if (onward !== undefined) currentTarget.currentTime = onward;
    setAt(currentTarget.currentTime);
  }

  function toggle(): void {
    const element = audio.current;
    if (!element) return;
    if (element.paused) void element.play().catch(() => setBroken(true));
    else element.pause();
  }

  return (
    <section className={css.player} aria-label={t('player')} data-testid="player">
      <audio ref={audio} src={url} preload="metadata" onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)} onTimeUpdate={moved} onError={() => setBroken(true)} />
      <button type="button" className={css.play} onClick={toggle} aria-label={t(playing ? 'pause' : 'play')} title={t(playing ? 'pause' : 'play')}>
        {playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
      </button>
      <div className={css.who}>
        <b>
          <Dial number={recording.caller} />
        </b>
        <span className="meta">
          {recording.agent_name ?? '–'}
          {size > 0 && ` · ${bytes(size, i18n.language)}`}
        </span>
      </div>
      {broken || peaks.isError ? (
        <p className={css.error} role="alert">
          {t('no_audio')}
        </p>
      ) : (
        <>
          <div className={css.lanes} aria-hidden>
            <span>{t('caller_lane')}</span>
            <span>{t('agent_lane')}</span>
          </div>
          <Wave
            peaks={peaks.data ?? []}
            at={at}
            length={length}
            label={t('position')}
            onSeek={(to) => {
              if (audio.current) audio.current.currentTime = to;
              setAt(to);
            }}
          />
        </>
      )}
      <span className={css.clock} data-testid="player-clock">
        {duration(at * 1000)} / {duration(length * 1000)}
      </span>
      {supervises ? <Stars recording={recording} /> : <Rated rating={recording.rating} />}
      <button type="button" className={css.skip} aria-pressed={skips && quiet !== undefined} disabled={!quiet} onClick={() => skip(!skips)} title={t(quiet ? 'skip_hint' : 'skip_unknown')}>
        {t('skip')}
      </button>
      <NativeSelect
        aria-label={t('speed')}
        size="xs"
        w={76}
        data={['0.75×', '1×', '1.5×', '2×']}
        defaultValue="1×"
        onChange={(event) => {
          if (audio.current) audio.current.playbackRate = parseFloat(event.currentTarget.value);
        }}
      />
      {supervises && <Links recording={recording.id} />}
      <ActionIcon component="a" href={`${url}?download=true`} download={`${recording.id}.wav`} variant="default" size={32} aria-label={t('download')} title={t('download')}>
        <IconDownload size={17} stroke={1.7} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" size={32} onClick={onClose} aria-label={t('close')} title={t('close')}>
        <IconX size={17} stroke={1.8} color="var(--ink-2)" />
      </ActionIcon>
    </section>
  );
}
