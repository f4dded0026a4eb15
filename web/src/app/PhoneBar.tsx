import { TextInput } from '@mantine/core';
import { IconPhone, IconPhoneCall } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useId, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body } from '../api/client';
import { matches } from '../shared/matches';
import { complain } from '../shared/problem';
import { useDesk } from '../shared/useDesk';
import { PhoneMenu } from './PhoneMenu';
import css from './phone.module.css';
import shell from './shell.module.css';

const DIALLED = /^\+?[0-9*#]{2,}$/;

/** The dock while nothing is at hand: whom to call, how the phone stands. */
export function PhoneBar() {
  const { t } = useTranslation('shell');
  const names = useId();
  const [wanted, want] = useState('');
  const agent = useDesk((desk) => desk.me?.agent);
  const targets = useQuery({ queryKey: ['targets'], queryFn: () => api.GET('/api/v1/targets').then(body), staleTime: 0, refetchInterval: 3000, enabled: wanted.length > 0 });
  const call = useMutation({ mutationFn: (whom: { number: string } | { agent: string }) => api.POST('/api/v1/calls', { body: whom }).then(body), onSuccess: () => want(''), onError: complain });

  const typed = wanted.trim();
  const bare = typed.replace(/[\s()./-]/g, '');
  const found = (targets.data?.agents ?? []).filter((colleague) => matches(typed, [colleague.name, colleague.login, colleague.number]));
  const named = found.find((colleague) => colleague.name.toLowerCase() === typed.toLowerCase()) ?? (found.length === 1 ? found[0] : undefined);
  const whom = DIALLED.test(bare) ? { number: bare } : named && { agent: named.login };
  const free = agent?.phone && (agent.state === 'available' || agent.state === 'paused' || agent.state === 'wrap_up');

  function dial(event: FormEvent) {
    event.preventDefault();
    if (whom && free) call.mutate(whom);
  }

  return (
    <section className={css.bar} aria-label={t('phone_bar.label')} data-testid="phone-bar">
      <IconPhone size={18} stroke={1.7} aria-hidden />
      <form className={css.dial} onSubmit={dial}>
        <TextInput size="xs" aria-label={t('phone_bar.whom')} placeholder={t('phone_bar.whom')} value={wanted} onChange={(event) => want(event.currentTarget.value)} list={names} autoComplete="off" spellCheck={false} />
        <datalist id={names}>
          {found.map((colleague) => (
            <option key={colleague.login} value={colleague.name}>
              {colleague.number}
            </option>
          ))}
        </datalist>
        <button type="submit" className={shell.tool} data-row disabled={!whom || !free || call.isPending}>
          <IconPhoneCall size={17} stroke={1.8} aria-hidden />
          {t('phone_bar.call')}
        </button>
      </form>
      <span className="push" />
      <PhoneMenu />
    </section>
  );
}
