import { Kbd, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { KEYS, shortcut, useKeys, type KeyOf } from './keys';
import css from './phone.module.css';

const ANYWHERE = [
  ['palette', 'Control+K'],
  ['help', '?'],
  ['tab', 'Tab'],
  ['close', 'Escape'],
] as const;

/** Which keys do what; by `?` and from the menu under one's name. */
export function Help({ agent, opened, onClose }: { agent: boolean; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(['shell', 'common']);
  const single = useKeys((state) => state.on);
  return (
    <Modal opened={opened} onClose={onClose} title={t('help.title')} size={460} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <h3 className={css.kind}>{t('help.anywhere')}</h3>
      <dl className={css.shortcuts}>
        {ANYWHERE.map(([what, keys]) => (
          <Shortcut key={what} words={t(`help.${what}`)} keys={keys} />
        ))}
      </dl>
      {agent && (
        <>
          <h3 className={css.kind}>{t('help.call')}</h3>
          <dl className={css.shortcuts}>
            {(Object.keys(KEYS) as KeyOf[]).map((key) => (
              <Shortcut key={key} words={t(`help.${key}`)} keys={shortcut(key)} />
            ))}
          </dl>
          {!single && <p className="meta">{t('help.off')}</p>}
        </>
      )}
    </Modal>
  );
}

function Shortcut({ words, keys }: { words: string; keys: string }) {
  return (
    <div>
      <dt>{words}</dt>
      <dd>
        {keys.split('+').map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </dd>
    </div>
  );
}
