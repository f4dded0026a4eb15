import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { PARTS } from '../../shared/parts';
import css from './admin.module.css';
import { several, type Values } from './resource';

/** The agent's menu and header as they will be. */
export function PartsPreview({ values }: { values: Values }) {
  const { t } = useTranslation(['admin', 'shell']);
  if (values.agent !== true || values.role !== 'agent') return null;
  const shown = (part: string) => values.all_parts === true || several(values.parts).includes(part);
  return (
    <section className={css.below} aria-labelledby="preview">
      <h2 id="preview">{t('preview.title')}</h2>
      <ul className={css.preview} data-testid="preview">
        <li>
          <IconEye size={16} stroke={1.7} aria-hidden />
          {t('shell:dashboard')}
        </li>
        {PARTS.map((part) => (
          <li key={part} data-hidden={!shown(part) || undefined}>
            {shown(part) ? <IconEye size={16} stroke={1.7} aria-hidden /> : <IconEyeOff size={16} stroke={1.7} aria-hidden />}
            {t(`parts.${part}`)}
            {!shown(part) && <span className="meta">{t('preview.hidden')}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
