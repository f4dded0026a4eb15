import { IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import css from '../../shared/list.module.css';
import { complain } from '../../shared/problem';

/** Plays a prompt or a piece of music in its row, from the beginning and to its end. */
export function Listen({ src, name }: { src: string; name: string }) {
  const { t } = useTranslation('admin');
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const label = t(playing ? 'sounds.stop' : 'sounds.listen_to', { name });
  function toggle(): void {
    const element = audio.current;
    if (!element) return;
    if (!element.paused) return element.pause();
    element.currentTime = 0;
    void element.play().catch(complain);
  }
  return (
    <>
      <audio ref={audio} preload="none" src={src} onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)} />
      <button type="button" className={css.icon} aria-label={label} title={label} onClick={toggle}>
        {playing ? <IconPlayerPauseFilled size={16} aria-hidden /> : <IconPlayerPlayFilled size={16} aria-hidden />}
      </button>
    </>
  );
}
