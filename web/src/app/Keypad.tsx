import { Popover } from '@mantine/core';
import { IconDialpad } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { complain } from '../shared/problem';
import { usePhone } from '../shared/usePhone';
import { orderPhone } from '../softphone/line';
import { shortcut } from './keys';
import { order } from './orders';
import css from './shell.module.css';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** The keys of a telephone, for menus of others: by the pointer, or typed while it is open. What was pressed is counted and not shown. */
export function Keypad({ call, disabled }: { call: string; disabled: boolean }) {
  const { t } = useTranslation('shell');
  const [opened, open] = useState(false);
  const [pressed, count] = useState(0);
  // The phone in the page presses its own keys; for a telephone on the desk the server does.
  const here = usePhone((phone) => phone.call?.state === 'up');
  // One after the other, or they would overtake.
  const press = useMutation({ mutationFn: async (key: string) => (here ? orderPhone({ type: 'press', key }) : order.press(call, key)), scope: { id: 'keypad' }, onMutate: () => count((n) => n + 1), onError: complain });

  function type(event: KeyboardEvent) {
    if (KEYS.includes(event.key)) {
      event.preventDefault();
      press.mutate(event.key);
    }
  }

  return (
    <Popover opened={opened && !disabled} onChange={open} position="bottom" shadow="md" trapFocus withArrow>
      <Popover.Target>
        <button
          type="button"
          className={css.tool}
          disabled={disabled}
          aria-expanded={opened}
          data-key="keypad"
          aria-keyshortcuts={shortcut('keypad')}
          title={`${t('dock.keypad')} (${shortcut('keypad')})`}
          onClick={() => {
            open(!opened);
            count(0);
          }}
        >
          <IconDialpad size={19} stroke={1.7} />
          {t('dock.keypad')}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('dock.keys')} onKeyDown={type}>
        <div className={css.keys}>
          {KEYS.map((key) => (
            <button key={key} type="button" aria-label={t('dock.press', { key })} onClick={() => press.mutate(key)}>
              {key}
            </button>
          ))}
        </div>
        <p className={css.pressed} role="status">
          {t('dock.pressed', { count: pressed })}
        </p>
      </Popover.Dropdown>
    </Popover>
  );
}
