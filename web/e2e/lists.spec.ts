// I2, J2, K2: what people need of a list is on the screen of a small notebook, with the rail open.
import { expect, type Locator, type Page } from '@playwright/test';

import { ago, ANNA, set, SOFIA, test } from './scene';

const id = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const person = { login: 'anna', name: 'Anna Rossi' };
const calls = Array.from({ length: 40 }, (_, at) => ({
  id: id(500 + at), number: 12_400 - at, kind: (['inbound', 'outbound', 'internal'] as const)[at % 3], caller: '+390255501234', caller_name: at % 2 ? null : 'Maria Francesca Della Torre di Santa Maria', called: at % 3 ? '+393335550101' : '5001', connected: null, queue: 'sales', agent: 'anna', started_at: ago(90_000 + at * 4000), answered_at: ago(89_900 + at * 4000), ended_at: ago(89_500 + at * 4000), wait_ms: 21_000, ring_ms: 4000, talk_ms: 3_849_000, ended_by: 'caller', reason: at % 4 ? 'hung_up' : 'cancelled', disposition: 'By the year', disposition_names: ['Sold', 'By the year'], disposition_path: [], note: 'Calls again in May, when the contract ends', disposed_at: ago(1000), recording: null,
}));
const recordings = calls.map(({ id: call, caller, called, queue, agent, started_at }, at) => ({ id: id(700 + at), call, kind: 'inbound', caller, called, connected: '+393335550101', queue, agent, started_at, stopped_at: started_at, length_ms: 3_849_000, bytes: 1, gap_ms: 0, rating: at % 2 ? 5 : null }));
const abandoned = calls.map(({ id: call, number, caller, caller_name }, at) => ({ id: call, number, phone: caller, name: caller_name, queue: 'sales', abandoned_at: ago(90_000 + at), reserved: true, reserved_by: person, assigned_to: person, redial: { call, started_at: ago(500), answered: true, reason: 'hung_up' }, served_by: null, disposition: 'By the year', disposition_names: ['Sold', 'By the year'], disposition_path: [], note: null }));
const answers = { '/calls': { items: calls, next: null }, '/recordings': { items: recordings, next: null }, '/abandoned-calls': { items: abandoned, next: null }, '/dispositions': [] };

/** Wholly inside what is seen of the page, and of its own column. */
async function expectSeen(page: Page, cell: Locator): Promise<void> {
  const box = await cell.boundingBox();
  expect(box).not.toBeNull();
  expect(box!.x + box!.width).toBeLessThanOrEqual(page.viewportSize()!.width);
  expect(await cell.evaluate((element) => element.getBoundingClientRect().right <= (element.closest('[role="cell"]') ?? element).getBoundingClientRect().right)).toBe(true);
}

for (const width of [1280, 1440]) {
  test.describe(`at ${width} pixels`, () => {
    test.use({ viewport: { width, height: 800 }, timezoneId: 'Europe/Rome' });

    test('voice calls: numbers whole, disposition and note on the screen', async ({ page, server }) => {
      await set(page, { me: ANNA, answers });
      await page.goto(`${server.url}/calls?range=all`);
      const row = page.getByRole('row').filter({ hasText: '12400' });
      await row.waitFor();
      for (const number of await row.getByRole('button').all()) await expectSeen(page, number);
      for (const words of ['By the year', 'Caller gave up', '1:04:09', '22 Nov', /^\d\d:\d\d:\d\d$/]) await expectSeen(page, row.getByText(words).first());
      const note = await row.getByText('Calls again in May').boundingBox();
      expect(note!.x + 50).toBeLessThan(width);
      // Nothing to scroll for.
      const list = page.getByRole('region', { name: 'Voice calls' });
      expect(await list.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `test-results/calls-${width}.png` });
    });

    test('recordings: rating and player on the screen', async ({ page, server }) => {
      await set(page, { me: SOFIA, answers });
      await page.goto(`${server.url}/recordings?range=all`);
      const row = page.getByRole('row').nth(2);
      await row.getByText('★★★★★').waitFor();
      for (const words of ['★★★★★', /22 Nov, \d\d:\d\d/]) await expectSeen(page, row.getByText(words));
      for (const number of await row.getByRole('button').all()) await expectSeen(page, number);
      await expectSeen(page, row.getByRole('link', { name: /^Download/ }));
      await page.screenshot({ path: `test-results/recordings-${width}.png` });
    });

    test('abandoned calls: the number and the switch on the screen', async ({ page, server }) => {
      await set(page, { me: ANNA, answers });
      await page.goto(`${server.url}/abandoned?range=all`);
      const row = page.getByRole('row').nth(1);
      await row.getByRole('switch').waitFor();
      await expectSeen(page, row.getByRole('button', { name: '+390255501234' }));
      await expectSeen(page, row.getByRole('switch'));
      await page.screenshot({ path: `test-results/abandoned-${width}.png` });
    });
  });
}

test('a narrower page scrolls, and the player stays in view', async ({ page, server }) => {
  await page.setViewportSize({ width: 900, height: 700 });
  await set(page, { me: SOFIA, answers });
  await page.goto(`${server.url}/recordings?range=all`);
  const row = page.getByRole('row').nth(1);
  await row.waitFor();
  await expectSeen(page, row.getByRole('button', { name: /^Listen/ }));
});
