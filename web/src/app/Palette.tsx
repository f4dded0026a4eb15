import { Modal, TextInput } from '@mantine/core';
import { IconArrowRight, IconPhoneCall, IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type Me } from '../api/client';
import { matches } from '../shared/matches';
import { complain } from '../shared/problem';
import css from './phone.module.css';

interface Entry {
  key: string;
  words: string;
  Icon: typeof IconArrowRight;
  act: () => void;
}

/** Everything by its name: pages, colleagues and numbers to call. By Ctrl K. */
export function Palette({ me }: { me: Me }) {
  const { t } = useTranslation('shell');
  const [opened, open] = useState(false);
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        open((was) => !was);
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return (
    <Modal opened={opened} onClose={() => open(false)} title={t('palette.title')} size={480} closeButtonProps={{ 'aria-label': t('transfer.close') }}>
      {opened && <Found me={me} onDone={() => open(false)} />}
    </Modal>
  );
}

function Found({ me, onDone }: { me: Me; onDone: () => void }) {
  const { t } = useTranslation('shell');
  const navigate = useNavigate();
  const list = useId();
  const [sought, seek] = useState('');
  const [at, point] = useState(0);
  const targets = useQuery({ queryKey: ['targets'], queryFn: () => api.GET('/api/v1/targets').then(body), staleTime: 0, refetchInterval: 3000, enabled: me.agent !== null });
  const call = useMutation({ mutationFn: (whom: { number: string } | { agent: string }) => api.POST('/api/v1/calls', { body: whom }).then(body), onError: complain });

  const pages = [['/', t(me.role === 'agent' ? 'dashboard' : 'live')], ['/calls', t('calls')], ['/abandoned', t('abandoned')], ['/recordings', t('recordings')], ...(me.role === 'admin' ? ([['/settings', t('settings')]] as const) : [])] as const;
  const number = sought.replace(/[\s()./-]/g, '');
  const entries: Entry[] = [
    ...(me.agent && /^\+?[0-9*#]{2,}$/.test(number) ? [{ key: 'number', words: t('palette.call', { whom: number }), Icon: IconPhoneCall, act: () => call.mutate({ number }) }] : []),
    ...pages.filter(([, words]) => matches(sought, [words])).map(([to, words]) => ({ key: to, words, Icon: IconArrowRight, act: () => void navigate({ to }) })),
    ...(targets.data?.agents ?? [])
      .filter((colleague) => matches(sought, [colleague.name, colleague.login, colleague.number]))
      .map((colleague) => ({ key: colleague.login, words: t('palette.call', { whom: colleague.name }), Icon: IconPhoneCall, act: () => call.mutate({ agent: colleague.login }) })),
  ];
  const pointed = Math.min(at, entries.length - 1);

  function take(entry: Entry | undefined) {
    if (!entry) return;
    onDone();
    entry.act();
  }

  function type(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      point((pointed + step + entries.length) % Math.max(1, entries.length));
    }
    if (event.key === 'Enter') take(entries[pointed]);
  }

  return (
    <div className={css.palette}>
      <TextInput
        data-autofocus
        role="combobox"
        aria-label={t('palette.title')}
        aria-expanded
        aria-controls={list}
        aria-activedescendant={entries[pointed] && `${list}-${entries[pointed].key}`}
        placeholder={t('palette.hint')}
        leftSection={<IconSearch size={15} stroke={1.8} />}
        value={sought}
        onChange={(event) => {
          seek(event.currentTarget.value);
          point(0);
        }}
        onKeyDown={type}
      />
      <ul id={list} role="listbox" aria-label={t('palette.title')}>
        {entries.map(({ key, words, Icon, act }, index) => (
          <li key={key} id={`${list}-${key}`} role="option" aria-selected={index === pointed} onMouseMove={() => point(index)} onClick={() => take({ key, words, Icon, act })}>
            <Icon size={16} stroke={1.7} aria-hidden />
            {words}
          </li>
        ))}
      </ul>
      {entries.length === 0 && <p className="meta">{t('palette.none')}</p>}
    </div>
  );
}
