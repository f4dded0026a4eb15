import { expect, faultsInBoth, signedIn, signOut, startWork, state, test } from './desk';
import { TrunkCall } from './trunk';

test.use({ day: 'roles' });
test.describe.configure({ mode: 'serial' });

test('G1 G2 I1 I3: the desk shows a call from the trunk before the telephone rings a second time, and is told by the socket alone', async ({ page, browser, site }) => {
  const admin = await signedIn(browser, site.server, 'admin');
  await startWork(page, site.server, 'anna', '1001');
  await page.getByRole('link', { name: 'Voice calls' }).first().click();
  await expect(page.getByText('No calls in this period')).toBeVisible();
  const call = await TrunkCall.dial(site.server, admin.request, '5001');
  const dock = page.getByTestId('dock');
  const shown = dock.getByText('Answer on telephone 1001').waitFor({ timeout: 40_000 }).then(() => 'the desk');
  // Two rings of a European telephone are five seconds apart.
  const second = site.desk.next('CALL_INCOMING').then(() => new Promise((resolve) => setTimeout(() => resolve('the second ring'), 5000)));
  expect(await Promise.race([shown, second])).toBe('the desk');
  await expect(dock).toContainText('Marta Villa');
  await expect(dock).toContainText('+390255501234');
  site.desk.answer();
  await expect(state(page)).toContainText('On a call');
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  site.desk.hangUp();
  await expect(dock).toContainText('Wrap-up');
  await expect(page.getByRole('row').filter({ hasText: 'Marta Villa' })).toContainText('Inbound');
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
  expect(await call.over).toBe(true);
  await signOut(page);
  await admin.close();
});

test('I1 K1 Y2: agent, supervisor and administrator see what is theirs, on the page and by the API', async ({ browser, site }) => {
  const who = { anna: [200, 403, 403], sofia: [200, 200, 403], admin: [200, 200, 200] };
  const calls: Record<string, number> = {};
  for (const [login, expected] of Object.entries(who)) {
    const person = await signedIn(browser, site.server, login);
    const status = async (path: string) => (await person.request.get(`${site.server.url}/api/v1${path}`)).status();
    expect([await status('/calls'), await status('/agents'), await status('/users')], login).toEqual(expected);
    const { items } = (await (await person.request.get(`${site.server.url}/api/v1/calls`)).json()) as { items: unknown[] };
    calls[login] = items.length;
    if (login !== 'anna') {
      const page = await person.newPage();
      await page.goto(`${site.server.url}/`);
      await expect(page.getByTestId('agent-anna')).toBeVisible();
      await expect(page.getByRole('link', { name: 'Settings' })).toHaveCount(login === 'admin' ? 1 : 0);
      await page.goto(`${site.server.url}/settings/users`);
      if (login === 'admin') await expect(page.getByRole('link', { name: 'Anna Rossi' })).toBeVisible();
      else await expect(page.getByText('Settings are for administrators')).toBeVisible();
    }
    await person.close();
  }
  expect(calls).toEqual({ anna: 1, sofia: 1, admin: 1 });
  // A colleague neither lists nor reads it.
  const bruno = await signedIn(browser, site.server, 'bruno');
  const sofia = await signedIn(browser, site.server, 'sofia');
  const { items } = (await (await sofia.request.get(`${site.server.url}/api/v1/calls`)).json()) as { items: { id: string }[] };
  expect((await (await bruno.request.get(`${site.server.url}/api/v1/calls`)).json()).items).toEqual([]);
  expect((await bruno.request.get(`${site.server.url}/api/v1/calls/${items[0]!.id}`)).status()).toBe(404);
  await bruno.close();
  await sofia.close();
});

test('Y1: a supervisor pauses an agent and logs the agent out; both desktops show it at once', async ({ page, browser, site }) => {
  await startWork(page, site.server, 'anna', '1001');
  const sofia = await signedIn(browser, site.server, 'sofia');
  const live = await sofia.newPage();
  await live.goto(site.server.url);
  const row = live.getByTestId('agent-anna');
  await expect(row).toContainText('Ready');
  await row.getByRole('button', { name: 'Orders to Anna Rossi' }).click();
  await live.getByRole('menuitem', { name: 'Pause: Lunch' }).click();
  await expect(state(page)).toContainText('Paused · Lunch');
  await expect(row).toContainText('Paused');
  await row.getByRole('button', { name: 'Orders to Anna Rossi' }).click();
  await live.getByRole('menuitem', { name: 'Log out' }).click();
  const asked = live.getByRole('dialog', { name: 'Log out Anna Rossi?' });
  await asked.waitFor();
  expect(await faultsInBoth(live)).toEqual([]);
  await asked.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(row).toContainText('Logged out');
  await sofia.close();
});
