import { Skeleton } from '@mantine/core';
import { IconUsersGroup } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { QueueRow } from '../../api/client';
import { useDesk } from '../../shared/useDesk';
import { Empty } from '../../ui/Empty';
import { onShift, STATES } from './counts';
import css from './dashboard.module.css';
import { Waited } from './Waited';

function Bar({ queue }: { queue: QueueRow }) {
  const { t } = useTranslation(['dashboard', 'shell']);
  const all = onShift(queue.agents);
  const words = STATES.filter((state) => queue.agents[state] > 0).map((state) => `${t(`shell:state.${state}`)}: ${queue.agents[state]}`);
  return (
    <>
      <div className={css.bar} title={words.join(', ')} aria-hidden>
        {STATES.map((state) => queue.agents[state] > 0 && <i key={state} className={css[state]} style={{ flex: queue.agents[state] }} />)}
      </div>
      <span className="meta">{all > 0 ? t('ready_of', { ready: queue.agents.available, all }) : t('no_one')}</span>
      <span className="sr-only">{words.join(', ')}</span>
    </>
  );
}

/** The queues one belongs to. */
export function Queues() {
  const { t } = useTranslation('dashboard');
  const queues = useDesk((desk) => desk.queues);
  return (
    <section className={`card ${css.panel}`} aria-labelledby="queues">
      <header>
        <h2 id="queues">{t('queues')}</h2>
        {queues && <span className="meta">{t('joined', { count: queues.length })}</span>}
      </header>
      {queues === null && <Skeleton height={84} m={14} />}
      {queues?.length === 0 && <Empty icon={<IconUsersGroup size={26} stroke={1.6} />} title={t('no_queues')} hint={t('no_queues_hint')} />}
      {queues && queues.length > 0 && (
        <div className={css.scroll} role="region" aria-labelledby="queues" tabIndex={0}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{t('queue')}</th>
                <th scope="col" className={css.end}>{t('waiting')}</th>
                <th scope="col">{t('longest_short')}</th>
                <th scope="col" className={css.end}>{t('ready')}</th>
                <th scope="col" className={css.end}>{t('on_call')}</th>
                <th scope="col">{t('states')}</th>
              </tr>
            </thead>
            <tbody>
              {queues.map((queue) => (
                <tr key={queue.name} data-testid={`queue-${queue.name}`}>
                  <td><b>{queue.label}</b></td>
                  <td className={css.end}><span className={css.count}>{queue.waiting}</span></td>
                  <td>{queue.longest_since ? <Waited since={queue.longest_since} label={t('longest')} /> : '–'}</td>
                  <td className={css.end}>{queue.agents.available}</td>
                  <td className={css.end}>{queue.agents.talking}</td>
                  <td><Bar queue={queue} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
