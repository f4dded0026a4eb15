import { SegmentedControl, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { matches } from '../../shared/matches';
import { useDesk } from '../../shared/useDesk';
import { AgentCard } from './AgentCard';
import css from './dashboard.module.css';

/** What can be looked at alone: the states of a kind. */
const SHOWN = {
  all: null,
  talking: ['talking', 'offered', 'wrap_up'],
  available: ['available'],
  paused: ['paused', 'unreachable'],
  logged_out: ['logged_out'],
} as const;
type Shown = keyof typeof SHOWN;

/** Everybody and what each is doing; for supervisors. */
export function Agents() {
  const { t } = useTranslation('dashboard');
  const agents = useDesk((desk) => desk.agents);
  const [sought, seek] = useState('');
  const [shown, show] = useState<Shown>('all');
  const states: readonly string[] | null = SHOWN[shown];
  const found = agents.filter((agent) => (states === null || states.includes(agent.state)) && (sought === '' || matches(sought, [agent.name, agent.login, agent.phone ?? ''])));
  return (
    <section className={`card ${css.panel}`} aria-labelledby="agents">
      <header>
        <h2 id="agents">{t('people')}</h2>
        <span className="push" />
        <SegmentedControl className={css.tool} size="xs" aria-label={t('shown')} value={shown} onChange={(value) => show(value as Shown)} data={(Object.keys(SHOWN) as Shown[]).map((value) => ({ value, label: t(`show.${value}`) }))} />
        <TextInput className={css.tool} size="xs" w={180} aria-label={t('find_agent')} placeholder={t('find_agent')} leftSection={<IconSearch size={14} stroke={1.8} />} value={sought} onChange={(event) => seek(event.currentTarget.value)} />
      </header>
      {found.length === 0 && <p className={`meta ${css.none}`}>{t('no_such_agent')}</p>}
      <ul className={css.agents} aria-labelledby="agents">
        {found.map((agent) => (
          <AgentCard key={agent.login} agent={agent} />
        ))}
      </ul>
    </section>
  );
}
