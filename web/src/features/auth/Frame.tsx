import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Preferences } from '../../shared/Preferences';
import css from './auth.module.css';

/** The card both steps of signing in stand on. */
export function Frame({ step, title, hint, children }: { step?: number; title: string; hint: string; children: ReactNode }) {
  const { t } = useTranslation(['auth', 'shell']);
  return (
    <main className={css.screen}>
      <div className={css.corner}>
        <Preferences />
      </div>
      <div className={css.card}>
        <div className={css.brand}>
          <img src="/icon.svg" alt="" />
          {t('shell:product')}
          {step !== undefined && <span className={css.step}>{t('step', { step })}</span>}
        </div>
        <h1>{title}</h1>
        {hint && <p className={css.hint}>{hint}</p>}
        {children}
      </div>
    </main>
  );
}
