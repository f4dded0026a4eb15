import { change, expect, faultsInBoth, signedIn, signIn, signOut, startWork, state, test } from './desk';

test.use({ day: 'pauses' });
test.describe.configure({ mode: 'serial' });

test('Z3: an agent begins with a pause, by the own wish or as an administrator set it', async ({ page, browser, site }) => {
  await signIn(page, site.server, 'anna');
  await page.getByText('1001', { exact: true }).click();
  await page.getByLabel('Begin').selectOption({ label: 'Paused: Lunch' });
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('button', { name: 'Start work' }).click();
  await expect(state(page)).toContainText('Paused · Lunch');
  await signOut(page);

  const admin = await signedIn(browser, site.server, 'admin');
  await change(admin.request, `${site.server.url}/api/v1/users`, (user) => user.login === 'anna', { agent: { logs_in_paused: true } });
  await startWork(page, site.server, 'anna', '1001');
  await expect(state(page)).toContainText('Paused · Break');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(state(page)).toContainText('Ready');
  await change(admin.request, `${site.server.url}/api/v1/users`, (user) => user.login === 'anna', { agent: { logs_in_paused: false } });
  await admin.close();
  await signOut(page);
});

test('Z1, partial pause: an agent pauses in one queue and is ready for the other; a supervisor sees it and ends it', async ({ page, browser, site }) => {
  await startWork(page, site.server, 'bruno', '1001');
  await page.getByRole('button', { name: 'Choose a pause' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Sales' }).click();
  await expect(state(page)).toContainText('Ready');
  await expect(page.getByTestId('paused-in')).toHaveText('Not taking: Sales');
  await expect(page.getByTestId('queue-sales')).toContainText('0 ready of 1');
  await expect(page.getByTestId('queue-support')).toContainText('1 ready of 1');

  const other = await signedIn(browser, site.server, 'sofia');
  const hers = await other.newPage();
  await hers.goto(site.server.url);
  const card = hers.getByTestId('agent-bruno');
  await expect(card).toContainText('Not taking: Sales');
  await card.getByRole('button', { name: /^Orders to/ }).click();
  await hers.getByRole('menuitem', { name: 'Open for Sales again' }).click();
  await expect(card).not.toContainText('Not taking');
  await other.close();

  await expect(page.getByTestId('paused-in')).toBeHidden();
  await expect(page.getByTestId('queue-sales')).toContainText('1 ready of 1');
  await signOut(page);
});
