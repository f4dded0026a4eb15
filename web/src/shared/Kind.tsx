import { IconArrowsLeftRight, IconPhone, IconPhoneIncoming, IconPhoneOutgoing } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import css from './list.module.css';

const ICONS: Record<string, typeof IconPhone> = { inbound: IconPhoneIncoming, outbound: IconPhoneOutgoing, internal: IconArrowsLeftRight };

/** What a call is: icon and word. */
export function Kind({ kind }: { kind: string }) {
  const { t } = useTranslation('calls');
  const Icon = ICONS[kind] ?? IconPhone;
  return (
    <span className={css.kind}>
      <Icon size={15} stroke={1.8} color="var(--ready)" aria-hidden />
      {t(`kinds.${kind as 'inbound'}`)}
    </span>
  );
}
