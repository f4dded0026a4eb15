// How the desktop bears a long list and a busy day.
import { expect, type CDPSession, type Page } from '@playwright/test';

import { AGENTS, ago, CALLS, NOW, QUEUES, set, SOFIA, test } from '../e2e/scene';

const LISTED = 10_000;
/** No frame of scrolling may take longer, milliseconds: three of those a screen shows in that time. */
const FRAME = 50;
const EVENTS_A_SECOND = 100;
const SECONDS = 60;
/** Of the main thread's time, per cent. */
const BUSY = 30;

function tell(what: string): void {
  process.stdout.write(`measured: ${what}\n`);
}

async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find((metric) => metric.name === 'TaskDuration')!.value;
}

async function measured(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  return session;
}

test('a list of 10,000 calls scrolls without a long frame', async ({ page, server }) => {
  const row = (number: number) => ({ id: `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`, number, kind: 'inbound', caller: `+3933355${String(number).padStart(5, '0')}`, caller_name: `Caller ${number}`, called: '5001', connected: '1001', queue: 'sales', agent: 'anna', started_at: ago(number * 60), answered_at: ago(number * 60 - 9), ended_at: ago(number * 60 - 200), wait_ms: 9000, ring_ms: 4000, talk_ms: 191_000, ended_by: 'caller', reason: 'hung_up', disposition_names: [], recording: null });
  await set(page, { me: SOFIA, answers: { '/calls': { items: Array.from({ length: LISTED }, (_, at) => row(LISTED - at)), next: null }, '/dispositions': [] } });
  await page.goto(`${server.url}/calls?range=all`);
  await expect(page.getByText('10000 rows')).toBeVisible();
  const frames = await page.getByRole('region', { name: 'Voice calls' }).evaluate(async (list) => {
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const took: number[] = [];
    // What opening the list leaves to be done is not scrolling.
    await new Promise((resolve) => requestIdleCallback(resolve));
    let before = await frame();
    // Ten screens a second, to the end and back, and in leaps.
    const way = [...Array.from({ length: 150 }, (_, at) => at * 100), ...Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? at * 6000 : 380_000 - at * 5000))];
    for (const to of way) {
      list.scrollTop = to;
      const now = await frame();
      took.push(now - before);
      before = now;
    }
    return took;
  });
  const sorted = frames.toSorted((a, b) => a - b);
  const worst = sorted.at(-1)!;
  tell(`a list of ${LISTED} calls: worst of ${frames.length} frames ${worst.toFixed(1)} ms, median ${sorted[Math.floor(sorted.length / 2)]!.toFixed(1)} ms (at most ${FRAME})`);
  expect(worst).toBeLessThanOrEqual(FRAME);
});

test('100 events a second for a minute are all drawn, and the page stays free', async ({ page, server }) => {
  const stream = await set(page, { me: SOFIA, calls: CALLS });
  await page.goto(server.url);
  await expect(page.getByTestId('agent-anna')).toBeVisible();
  const socket = await stream();
  const session = await measured(page);
  let seq = 1;
  // As the server does: facts in the chain, rows beside it.
  const send = (type: string, data: unknown, isFact = false) => {
    socket.send(JSON.stringify({ epoch: 1, ...(isFact ? { seq: seq + 1 } : {}), prev: seq, at: NOW.toISOString(), type, data }));
    if (isFact) seq += 1;
  };
  const states = ['available', 'talking', 'wrap_up', 'paused'];
  const busyBefore = await busySeconds(session);
  const began = Date.now();
  let sent = 0;
  while (Date.now() - began < SECONDS * 1000) {
    for (const due = ((Date.now() - began) / 1000) * EVENTS_A_SECOND; sent < due; sent += 1) {
      const agent = AGENTS[sent % AGENTS.length]!;
      if (sent % 4 === 0) send('leg.ringing', {}, true);
      else if (sent % 4 === 1) send('agent.changed', { ...agent, state: states[sent % states.length], since: ago(sent % 300) });
      else if (sent % 4 === 2) send('queue.changed', { queue: { ...QUEUES[0]!, waiting: sent % 50 }, waiting: [] });
      else send('call.changed', { ...CALLS[sent % CALLS.length]!, since: ago(sent % 300) });
    }
    await page.waitForTimeout(10);
  }
  const lasted = (Date.now() - began) / 1000;
  send('queue.changed', { queue: { ...QUEUES[0]!, waiting: 77 }, waiting: [] });
  await expect(page.getByTestId('queue-sales')).toContainText('77');
  const busy = (100 * ((await busySeconds(session)) - busyBefore)) / lasted;
  tell(`${sent} events in ${lasted.toFixed(0)} s: the main thread busy ${busy.toFixed(1)} % of the time (at most ${BUSY})`);
  expect(await page.getByTestId('connection').textContent()).toContain('Live');
  expect(busy).toBeLessThanOrEqual(BUSY);
});
