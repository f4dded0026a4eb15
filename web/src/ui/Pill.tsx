import type { ReactNode } from 'react';

import css from './ui.module.css';

export type Tone = 'ok' | 'warn' | 'bad' | 'busy' | 'wrap' | 'plain';

export function Pill({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`${css.pill} ${tone === 'plain' ? '' : css[tone]}`}>{children}</span>;
}

/** A dot of a state's colour. The word stands beside it, always. */
export function StateLed({ state }: { state: string }) {
  return <span className={css.led} data-state={state} aria-hidden />;
}
