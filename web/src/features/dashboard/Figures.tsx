import { useTranslation } from 'react-i18next';

import { useNow } from '../../shared/clock';
import { duration } from '../../shared/format';
import { useDesk } from '../../shared/useDesk';
import css from './dashboard.module.css';
import { count, fullest, onShift } from './counts';
import { urgency } from './urgency';
import { useToday } from './today';

function Figure({ label, value, below, bad, testid }: { label: string; value: string; below: string; bad?: boolean; testid: string }) {
  return (
    <div className={`card ${css.figure}`} data-testid={testid}>
      <span>{label}</span>
      <b data-tone={bad ? 'bad' : undefined}>{value}</b>
      <small>{below}</small>
    </div>
  );
}

/** The day in a row of numbers. */
export function Figures() {
  const { t } = useTranslation('dashboard');
  const queues = useDesk((desk) => desk.queues);
  const waiting = useDesk((desk) => desk.waiting);
  const everybody = useDesk((desk) => (desk.me?.role === 'agent' ? null : desk.agents));
  const today = useToday();
  const now = useNow();
  const none = '–';
  const first = waiting?.map((caller) => new Date(caller.since).getTime()).sort((a, b) => a - b)[0];
  const longest = first === undefined ? 0 : now - first;
  // An agent knows figures of queues only. One who works in two is counted in both: the fullest queue says least that is wrong.
  const people = everybody ? count(everybody) : queues && fullest(queues.map((queue) => queue.agents));
  const where = queues?.find((queue) => queue.name === waiting?.find((caller) => new Date(caller.since).getTime() === first)?.queue)?.label;
  const sum = today.data;
  return (
    <div className={css.figures}>
      <Figure testid="figure-waiting" label={t('waiting_now')} value={waiting ? String(waiting.length) : none} below={t('in_queues', { count: queues?.length ?? 0 })} bad={(waiting?.length ?? 0) > 5} />
      <Figure testid="figure-longest" label={t('longest')} value={first === undefined ? none : duration(longest)} below={where ?? t('nobody')} bad={urgency(longest) === 'bad'} />
      <Figure testid="figure-ready" label={t('ready')} value={people ? String(people.available) : none} below={t('of_agents', { count: people ? onShift(people) : 0 })} />
      <Figure testid="figure-oncall" label={t('on_call')} value={people ? String(people.talking) : none} below={t('of_agents', { count: people ? onShift(people) : 0 })} />
      <Figure testid="figure-answered" label={t('answered')} value={sum ? String(sum.answered) : none} below={sum && sum.queued > 0 ? t('wait', { time: duration(sum.wait_ms / sum.queued) }) : none} />
      <Figure testid="figure-talk" label={t('talk')} value={sum && sum.answered > 0 ? duration(sum.talk_ms / sum.answered) : none} below={t('total_talk', { time: duration(sum?.talk_ms ?? 0) })} />
    </div>
  );
}
