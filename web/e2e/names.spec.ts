import { readFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import { change, expect, signedIn, signIn, signOut, startWork, test } from './desk';
import { TrunkCall } from './trunk';

test.use({ day: 'names' });
test.describe.configure({ mode: 'serial' });

/** What a caller may have as a name: a formula, and markup that would run. */
const NAME = `=HYPERLINK(1)<img src=x onerror="document.body.dataset.ran=1"><script>document.body.dataset.ran=1</script>`;
const NOTE = `@SUM(1)<svg onload="document.body.dataset.ran=1">`;
/** As SIP has it: quotes in quotes are escaped. */
const SENT = NAME.replaceAll('"', '\\"');

/** Neither ran on this page. */
async function nothingRan(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  expect(await page.evaluate(() => document.body.dataset.ran)).toBeUndefined();
}

async function exported(page: Page): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  return readFileSync(await (await download).path(), 'utf8');
}

test('threats 32 and 33, R2 J2: a caller’s name and a note are text wherever they stand, and no formula in a table', async ({ page, browser, site }) => {
  test.setTimeout(180_000);
  const admin = await signedIn(browser, site.server, 'admin');
  await change(admin.request, `${site.server.url}/api/v1/queues`, (queue) => queue.name === 'sales', { wrapup_ms: 600_000 });
  const refused: string[] = [];
  page.on('console', (message) => message.text().includes('Content Security Policy') && refused.push(message.text()));
  await startWork(page, site.server, 'anna', '1001');
  const call = await TrunkCall.dial(site.server, admin.request, '5001', SENT);
  const dock = page.getByTestId('dock');
  await expect(dock).toContainText(NAME, { timeout: 40_000 });
  await expect(page.getByTestId('waiting-row')).toContainText(NAME);
  await nothingRan(page);
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await expect(dock).toContainText('On a call');
  const wall = await signedIn(browser, site.server, 'sofia');
  const live = await wall.newPage();
  await live.goto(site.server.url);
  await live.getByTestId('agent-anna').waitFor();
  await nothingRan(live);
  await dock.getByRole('button', { name: 'End' }).click();
  expect(await call.over).toBe(true);
  const panel = page.getByTestId('wrap-up');
  await expect(panel).toContainText(NAME);
  await panel.getByRole('button', { name: 'Sold' }).click();
  await panel.getByLabel('Note').fill(NOTE);
  await panel.getByRole('button', { name: 'Dispose' }).click();
  await expect(panel).toBeHidden();

  await page.getByRole('link', { name: 'Voice calls' }).first().click();
  const row = page.getByRole('row').filter({ hasText: NAME });
  await expect(row).toContainText(NOTE);
  await nothingRan(page);
  const calls = await exported(page);
  expect(calls).toContain(`,"'=HYPERLINK(1)<img src=x onerror=""document`);
  expect(calls).toContain(`,"'@SUM(1)<svg onload=""document`);
  expect(calls).not.toMatch(/(^|[,\n"])[=@]/m);
  // A number with a plus is made text as well.
  expect(calls).not.toMatch(/(^|[,\n])\+390255501234/m);
  await page.getByRole('link', { name: /^Details of call/ }).click();
  await expect(page.getByText(/ disposed the call: Sold$/)).toBeVisible();
  await expect(page.getByText(NAME).first()).toBeVisible();
  await nothingRan(page);
  await live.goto(`${site.server.url}/recordings`);
  await live.getByRole('button', { name: /^Listen to the recording/ }).click();
  await nothingRan(live);
  expect(await exported(live)).toContain(`'+390255501234`);

  // One who gives up while nobody is ready.
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByRole('link', { name: 'Abandoned calls' }).first().click();
  const second = await TrunkCall.dial(site.server, admin.request, '5001', SENT, 'gives-up');
  await expect(page.getByRole('link', { name: 'Dashboard' }).first()).toContainText('1', { timeout: 40_000 });
  await expect(page.getByRole('row').filter({ hasText: NAME })).toBeVisible({ timeout: 40_000 });
  expect(await second.over).toBe(true);
  await nothingRan(page);
  const abandoned = await exported(page);
  expect(abandoned).toContain(`'=HYPERLINK(1)`);
  expect(abandoned).toContain(`'+390255501234`);
  expect(refused).toEqual([]);
  await signOut(page);
  await wall.close();
  await admin.close();
});

test('threat 32: the page’s own policy refuses a script that is not its own', async ({ page, site }) => {
  await signIn(page, site.server, 'sofia');
  await page.getByTestId('connection').getByText('Connected').waitFor();
  const policy = (await page.request.get(site.server.url)).headers()['content-security-policy'] ?? '';
  expect(policy).toContain(`script-src 'self'`);
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  const refused = page.waitForEvent('console', (message) => message.text().includes('Content Security Policy'));
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<img src="/nothing" onerror="document.body.dataset.ran=1">'));
  await refused;
  await nothingRan(page);
  await signOut(page);
});
