import { Skeleton } from '@mantine/core';
import { IconMoodSmile } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { Dial } from '../../shared/Dial';
import { useNames } from '../../shared/names';
import { useSession } from '../../shared/session';
import { useDesk } from '../../shared/useDesk';
import { Empty } from '../../ui/Empty';
import css from './dashboard.module.css';
import { Simulate } from './Simulate';
import { Waited } from './Waited';

/** Who waits, next first. */
export function Waiting() {
  const { t } = useTranslation('dashboard');
  const waiting = useDesk((desk) => desk.waiting);
  const names = useNames();
  const session = useSession().data;
  const simulates = session?.demo === true && session.me.role !== 'agent';
  return (
    <section className={`card ${css.panel}`} aria-labelledby="waiting">
      <header>
        <h2 id="waiting">{t('callers')}</h2>
        <span className="meta">{t('oldest')}</span>
      </header>
      {waiting === null && <Skeleton height={60} m={14} />}
      {waiting?.length === 0 && <Empty icon={<IconMoodSmile size={26} stroke={1.6} />} title={t('no_callers')} hint={t(simulates ? 'simulate_hint' : 'no_callers_hint')}>{simulates && <Simulate />}</Empty>}
      {waiting && waiting.length > 0 && (
        <div className={css.scroll} role="region" aria-labelledby="waiting" tabIndex={0}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{t('caller')}</th>
                <th scope="col">{t('queue')}</th>
                <th scope="col" className={css.end}>{t('position')}</th>
                <th scope="col">{t('waited')}</th>
                <th scope="col">{t('rings')}</th>
              </tr>
            </thead>
            <tbody>
              {waiting.map((caller) => (
                  <tr key={caller.call} data-testid="waiting-row">
                    <td>
                      {caller.caller_name && <b>{caller.caller_name} </b>}
                      <Dial number={caller.caller} />
                    </td>
                    <td>{names.queue(caller.queue)}</td>
                    <td className={css.end}>#{caller.position}</td>
                    <td><Waited since={caller.since} label={t('waited')} /></td>
                    <td>{caller.offered_to_names.join(', ') || '–'}</td>
                  </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
