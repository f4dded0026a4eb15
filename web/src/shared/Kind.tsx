import { IconArrowsLeftRight, IconPhone, IconPhoneIncoming, IconPhoneOutgoing } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import css from './list.module.css';

const ICONS: Record<string, typeof IconPhone> = { inbound: IconPhoneIncoming, outbound: IconPhoneOutgoing, internal: IconArrowsLeftRight };

/** What a call is: icon and word, or the icon alone where there is little room. */
export function Kind({ kind, bare }: { kind: string; bare?: boolean }) {
  const { t } = useTranslation('calls');
  const Icon = ICONS[kind] ?? IconPhone;
  const word = t(`kinds.${kind as 'inbound'}`);
  return (
    <span className={css.kind} title={bare ? word : undefined}>
      <Icon size={bare ? 17 : 15} stroke={1.8} color="var(--ready)" aria-hidden />
      {bare ? <span className="sr-only">{word}</span> : word}
    </span>
  );
}
