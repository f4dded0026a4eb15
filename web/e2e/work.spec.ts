import { readFileSync } from 'node:fs';

import { choosePhone, expect, signIn, signedIn, signOut, startWork, state, test } from './desk';

test.use({ day: 'work' });
test.describe.configure({ mode: 'serial' });

test('A4 A5: a wrong password is told in words, and the field keeps the name', async ({ page, site }) => {
  await page.goto(`${site.server.url}/login`);
  await page.getByLabel('Login name').fill('anna');
  await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('The name or the password is wrong.');
  await expect(page.getByLabel('Login name')).toHaveValue('anna');
});

test('A17 A18 A19 A20 B6: two steps lead to work; a telephone in use is not offered to a colleague, and is free after the log-out', async ({ page, browser, site }) => {
  await startWork(page, site.server, 'anna', '1001');
  await expect(state(page)).toContainText('Ready');
  await expect(page.getByRole('button', { name: 'Account of Anna Rossi' })).toContainText('ext. 201');

  const other = await browser.newContext();
  const bruno = await other.newPage();
  await signIn(bruno, site.server, 'bruno');
  await expect(bruno.getByRole('radio')).toHaveCount(1);
  await expect(bruno.getByRole('radio', { name: /1002/ })).toBeAttached();
  await signOut(page);
  await expect(bruno.getByRole('radio', { name: /1001/ })).toBeAttached();
  await other.close();
});

test('B3 B4 B5 B15: pause in one click, another reason from the list, and resume', async ({ page, site }) => {
  await startWork(page, site.server, 'anna', '1001');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(state(page)).toContainText('Paused · Break');
  await expect(state(page).getByRole('timer')).toHaveText(/00:0\d/);
  await page.getByRole('button', { name: 'Choose a pause' }).click();
  await page.getByRole('menuitem', { name: 'Lunch' }).click();
  await expect(state(page)).toContainText('Paused · Lunch');
  await expect(page.getByTestId('queue-sales')).toContainText('0 ready of 1');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(state(page)).toContainText('Ready');
  await expect(page.getByTestId('queue-sales')).toContainText('1 ready of 1');
  await signOut(page);
});

test('G1 G2 I1 I2 I6 K1 K4: a call rings, is spoken, hung up and written up; the lists fill without a reload', async ({ page, site }) => {
  await startWork(page, site.server, 'anna', '1001');
  await expect(page.getByTestId('queue-sales')).toContainText('1 ready of 1');
  await expect(page.getByText('Nobody is waiting')).toBeVisible();

  site.caller.dial(`sip:5001@${site.server.sip}`);
  const dock = page.getByTestId('dock');
  await expect(dock).toContainText('Answer on telephone 1001', { timeout: 40_000 });
  await expect(page.getByTestId('waiting-row')).toContainText(/1002.*Sales.*#1.*Anna Rossi/s);
  await page.getByRole('link', { name: 'Voice calls' }).first().click();
  await expect(page.getByText('No calls in this period')).toBeVisible();
  await expect(dock).toContainText('1002');
  await expect(dock).toContainText('Sales');
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await expect(dock).toContainText('On a call');
  await expect(state(page)).toContainText('On a call');
  await expect(dock.getByRole('timer')).toHaveText(/00:0[3-9]/);

  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await dock.getByRole('button', { name: 'End' }).click();
  await expect(dock).toContainText('Wrap-up');
  await expect(dock.getByRole('timer')).toHaveText(/00:(0\d|10)/);
  await expect(page.getByRole('row').filter({ hasText: 'Internal' })).toContainText('Hung up');
  await dock.getByRole('button', { name: 'Finish' }).click();
  await expect(dock).toBeHidden();
  await expect(state(page)).toContainText('Ready');

  await page.getByRole('link', { name: /^Details of call/ }).click();
  await expect(page.getByText(/ hear each other$/)).toBeVisible();
  await expect(page.getByText('The call ended: Hung up, by the agent')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Close Call/ })).toBeVisible();

  await page.getByRole('link', { name: 'Recordings' }).first().click();
  await page.getByRole('button', { name: 'Listen to the recording of 1002' }).click();
  const player = page.getByTestId('player');
  await expect(player.getByTestId('wave').locator('rect')).toHaveCount(320);
  await expect(player.getByTestId('player-clock')).not.toContainText('00:00 /');
  await expect(player.getByRole('button', { name: 'Pause' })).toBeVisible();
  // Supervisors rate; the agent sees how.
  await expect(player).toContainText('Not rated');
  await expect(player.getByRole('button', { name: '4 stars' })).toHaveCount(0);
  await player.getByRole('button', { name: 'Skip silence' }).click();
  await expect(player.getByRole('button', { name: 'Skip silence' })).toHaveAttribute('aria-pressed', 'true');
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
  await signOut(page);
});

test('K2 K3 K7 Y24: a supervisor rates a recording, faster than it was spoken; the agent sees the stars and changes none', async ({ page, browser, site }) => {
  const sofia = await signedIn(browser, site.server, 'sofia');
  const desk = await sofia.newPage();
  await desk.goto(`${site.server.url}/recordings`);
  await desk.getByRole('button', { name: 'Listen to the recording of 1002' }).click();
  const player = desk.getByTestId('player');
  await player.getByLabel('Speed').selectOption('2×');
  expect(await desk.locator('audio').evaluate((audio: HTMLAudioElement) => audio.playbackRate)).toBe(2);
  await player.getByRole('button', { name: '4 stars' }).click();
  await expect(desk.getByRole('row').nth(1)).toContainText('★★★★');
  await sofia.close();
  await startWork(page, site.server, 'anna', '1001');
  await page.getByRole('link', { name: 'Recordings' }).first().click();
  const row = page.getByRole('row').nth(1);
  await expect(row).toContainText('★★★★');
  for (const column of ['Type', 'UniqueID', 'Caller', 'Called', 'Connected', 'Queue', 'Agent', 'Date', 'Length', 'Rating', 'Audio']) await expect(page.getByRole('columnheader', { name: column, exact: true })).toBeVisible();
  await row.getByRole('button', { name: '1002', exact: true }).click();
  await expect(page.getByRole('menuitem', { name: 'Call', exact: true })).toBeEnabled();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Listen to the recording of 1002' }).click();
  await expect(page.getByTestId('player').getByRole('img', { name: '4 stars' })).toBeVisible();
  await expect(page.getByTestId('player').getByRole('button', { name: '1002', exact: true })).toBeVisible();
  await signOut(page);
});

test('I1 K6: a list is put in order by the server, narrowed to days, and its address brings it back', async ({ page, browser, site }) => {
  const sofia = await signedIn(browser, site.server, 'sofia');
  const desk = await sofia.newPage();
  await desk.goto(`${site.server.url}/calls`);
  await expect(desk.getByRole('link', { name: /^Details of call/ })).toHaveCount(1);
  const asked = desk.waitForRequest((request) => request.url().includes('sort=talk_ms'));
  await desk.getByRole('button', { name: 'Talk' }).click();
  expect((await asked).url()).toContain('order=asc');
  await expect(desk).toHaveURL(/sort=talk_ms&desc=false/);
  await desk.getByLabel('Period').selectOption('From day to day');
  await desk.getByLabel('From day').fill('2020-01-01');
  await desk.getByLabel('To day').fill('2020-12-31');
  await expect(desk.getByText('No calls in this period')).toBeVisible();
  await desk.reload();
  await expect(desk.getByLabel('To day')).toHaveValue('2020-12-31');
  await expect(desk.getByText('No calls in this period')).toBeVisible();
  await desk.getByLabel('To day').fill(new Date(Date.now() + 86_400_000).toISOString().slice(0, 10));
  await expect(desk.getByRole('link', { name: /^Details of call/ })).toHaveCount(1);

  const download = desk.waitForEvent('download');
  await desk.getByRole('button', { name: 'Export' }).click();
  const file = readFileSync(await (await download).path(), 'utf8');
  expect(file.split('\r\n')).toHaveLength(3);
  expect(file).toMatch(/^\ufeffID,Type,Source,.*\r\n1,Internal,1002,5001,Sales,Anna Rossi,/);
  await desk.getByRole('button', { name: 'Saved filters' }).click();
  await desk.getByRole('menuitem', { name: 'Save these filters…' }).click();
  await desk.getByLabel('Name of the filter').fill('By talk');
  await desk.getByRole('button', { name: 'Save', exact: true }).click();
  await desk.goto(`${site.server.url}/calls`);
  await desk.getByRole('button', { name: 'Saved filters' }).click();
  await desk.getByRole('menuitem', { name: 'By talk', exact: true }).click();
  await expect(desk).toHaveURL(/sort=talk_ms/);
  await expect(desk.getByLabel('From day')).toHaveValue('2020-01-01');
  // At another desktop it is there, too.
  const elsewhere = await (await browser.newContext()).newPage();
  await signIn(elsewhere, site.server, 'sofia');
  await elsewhere.getByRole('link', { name: 'Voice calls' }).first().click();
  await elsewhere.getByRole('button', { name: 'Saved filters' }).click();
  await expect(elsewhere.getByRole('menuitem', { name: 'By talk', exact: true })).toBeVisible();
  await elsewhere.context().close();
  await sofia.close();
  await page.close();
});

test('B2 B8 F6 F7 F9 F11: a tab of a call closes, and another person finds nothing of the last', async ({ page, site }) => {
  await startWork(page, site.server, 'anna', '1001');
  await page.getByRole('link', { name: 'Voice calls' }).first().click();
  await page.getByRole('link', { name: /^Details of call/ }).click();
  await expect(page.getByRole('timer', { name: 'Logged in' })).toHaveText(/^0\d:\d\d$/);
  await page.getByRole('button', { name: /^Close Call/ }).click();
  const asked = page.getByRole('dialog', { name: /^Close call/ });
  await asked.getByRole('button', { name: 'Keep open' }).click();
  await expect(page).toHaveURL(/\/calls\/./);
  await page.getByRole('button', { name: /^Close Call/ }).click();
  await asked.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page).toHaveURL(/\/calls$/);
  await expect(page.getByRole('link', { name: /^Details of call/ })).toBeVisible();
  await signOut(page);
  await signIn(page, site.server, 'bruno');
  await choosePhone(page, '1001');
  await page.getByRole('link', { name: 'Voice calls' }).first().click();
  await expect(page.getByText('No calls in this period')).toBeVisible();
  await signOut(page);
});

test('G4: a stream that is cut is taken up where it was left, and nothing is missed', async ({ page, site }) => {
  const asked: string[] = [];
  let cut: (() => Promise<void>) | undefined;
  await page.routeWebSocket(/\/api\/v1\/events/, (socket) => {
    asked.push(socket.url());
    socket.connectToServer();
    cut = () => socket.close({ code: 1011 });
  });
  await startWork(page, site.server, 'anna', '1001');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(state(page)).toContainText('Paused');
  await cut?.();
  // It happens while nobody listens.
  await page.request.post(`${site.server.url}/api/v1/me/resume`);
  await expect(state(page)).toContainText('Ready');
  await expect.poll(() => asked.length).toBeGreaterThan(1);
  expect(asked.at(-1)).toMatch(/[?&]epoch=\d+&after=[1-9]/);
  await signOut(page);
});
