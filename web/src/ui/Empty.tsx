import type { ReactNode } from 'react';

import css from './ui.module.css';

/** What will appear here, and the one next act. */
export function Empty({ icon, title, hint, children }: { icon?: ReactNode; title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className={css.empty}>
      {icon}
      <strong>{title}</strong>
      {hint && <p>{hint}</p>}
      {children}
    </div>
  );
}
