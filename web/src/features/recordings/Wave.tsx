import { duration } from '../../shared/format';
import type { Peak } from './peaks';
import css from './recordings.module.css';

interface WaveProps {
  peaks: Peak[];
  /** Seconds. */
  at: number;
  length: number;
  label: string;
  onSeek: (seconds: number) => void;
}

/** Speech is quiet beside full scale: roots draw it visibly. */
const height = (peak: number) => 1 + Math.sqrt(peak) * 26;

/** The shape of a recording. A slider for mouse and keys lies over it. */
export function Wave({ peaks, at, length, label, onSeek }: WaveProps) {
  const width = 100 / Math.max(1, peaks.length);
  const played = length > 0 ? (at / length) * peaks.length : 0;
  return (
    <div className={css.wave}>
      <svg viewBox="0 0 100 56" preserveAspectRatio="none" aria-hidden data-testid="wave">
        {peaks.map((peak, index) => (
          <g key={index}>
            <rect x={index * width} y={27 - height(peak.caller)} width={width * 0.66} height={height(peak.caller)} data-played={index < played || undefined} />
            <rect x={index * width} y={29} width={width * 0.66} height={height(peak.agent)} data-played={index < played || undefined} />
          </g>
        ))}
      </svg>
      <input type="range" min={0} max={Math.max(length, 0.1)} step={0.1} value={Math.min(at, length)} aria-label={label} aria-valuetext={`${duration(at * 1000)} / ${duration(length * 1000)}`} onChange={(event) => onSeek(Number(event.currentTarget.value))} />
    </div>
  );
}
