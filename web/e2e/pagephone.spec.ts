// The phone in the page: C1-C4, Z1, AB1, AB12.
import { expect, faultsInBoth, signedIn, signIn, signOut, state, test } from './desk';
import { asItIs, cuttable, hearing, pageHears, startAtPage } from './pagephone';
import { until } from './server';

test.use({ day: 'pagephone', launchOptions: hearing(900) });
test.describe.configure({ mode: 'serial', timeout: 120_000 });

test('C1 C2 Z1: no telephone is chosen; a call is answered in the page, both are heard; mute, hold, recording, end', async ({ page, site }) => {
  await startAtPage(page, site.server);
  await expect(page.getByTestId('phone-bar')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('button', { name: /^Phone settings/ }).click();
  await expect(page.getByRole('combobox', { name: 'Microphone' })).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('button', { name: 'Test for 3 seconds' }).click();
  await expect(page.getByText('Heard yourself?')).toBeVisible();
  await page.keyboard.press('Escape');

  const dock = page.getByTestId('dock');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await expect(dock.getByRole('button', { name: 'Answer' })).toBeEnabled({ timeout: 40_000 });
  expect(await faultsInBoth(page)).toEqual([]);
  await dock.getByRole('button', { name: 'Answer' }).focus();
  await page.keyboard.press('Enter');
  await expect(dock).toContainText('On a call');
  await pageHears(page, 660);
  await site.caller.hears(900);
  await expect(dock.getByText('MOS')).toBeVisible();

  await dock.getByRole('button', { name: 'Mute', exact: true }).click();
  await expect(dock.getByText('You are muted and speaking.')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await dock.getByRole('button', { name: 'Unmute' }).click();
  site.caller.forget();
  await site.caller.hears(900);
  await dock.getByRole('button', { name: 'Pause recording' }).click();
  await dock.getByRole('button', { name: 'Record again' }).click();
  await expect(dock.getByRole('button', { name: 'Pause recording' })).toBeVisible();

  await dock.getByRole('button', { name: 'Hold' }).click();
  await expect(dock).toContainText('On hold');
  await dock.getByRole('button', { name: 'Resume' }).click();
  await pageHears(page, 660);
  await dock.getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await dock.getByRole('button', { name: 'Finish' }).click();
  await expect(state(page)).toContainText('Ready');
  await signOut(page);
});

test('C3 C4: a number typed in the bar is called; the page answers by itself, and a colleague is found by name', async ({ page, browser, site }) => {
  await startAtPage(page, site.server);
  const bar = page.getByTestId('phone-bar');
  await bar.getByLabel('Number or colleague').fill('1002');
  await page.keyboard.press('Enter');
  await site.caller.next('CALL_INCOMING');
  site.caller.answer();
  const dock = page.getByTestId('dock');
  await expect(dock).toContainText('On a call');
  await pageHears(page, 660);
  await site.caller.hears(900);
  await dock.getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await expect(state(page)).toContainText('Ready');

  const anna = await signedIn(browser, site.server, 'anna');
  expect((await anna.request.put(`${site.server.url}/api/v1/session/phone`, { data: { phone: '1001' } })).status()).toBe(200);
  await bar.getByLabel('Number or colleague').fill('anna');
  await bar.getByRole('button', { name: 'Call' }).click();
  await site.desk.next('CALL_INCOMING');
  await dock.getByRole('button', { name: 'End' }).click();
  await site.desk.next('CALL_CLOSED');
  await anna.request.delete(`${site.server.url}/api/v1/session`);
  await anna.close();
  await signOut(page);
});

test('AB1: the caller is held, a colleague at a telephone is asked and given the call', async ({ page, browser, site }) => {
  const anna = await signedIn(browser, site.server, 'anna');
  expect((await anna.request.put(`${site.server.url}/api/v1/session/phone`, { data: { phone: '1001' } })).status()).toBe(200);
  await anna.request.post(`${site.server.url}/api/v1/me/pause`, { data: {} });
  await startAtPage(page, site.server);
  const dock = page.getByTestId('dock');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await dock.getByRole('button', { name: 'Answer' }).click({ timeout: 40_000 });
  await pageHears(page, 660);
  await dock.getByRole('button', { name: 'Transfer' }).click();
  await page.getByRole('button', { name: 'Ask Anna Rossi first' }).click();
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await expect(dock.getByTestId('asked')).toContainText('Hears you');
  await pageHears(page, 440);
  await site.desk.hears(900);
  await dock.getByRole('button', { name: 'Three-way' }).click();
  await expect(dock.getByTestId('asked')).toContainText('With you all');
  await dock.getByRole('button', { name: 'Drop out' }).click();
  await expect(dock).toContainText('Wrap-up');
  site.desk.forget();
  await site.desk.hears(660);
  site.caller.hangUp();
  await site.desk.next('CALL_CLOSED');
  await anna.request.delete(`${site.server.url}/api/v1/session`);
  await anna.close();
  await signOut(page);
});

test('Z1: the page is loaded anew in mid-call; the caller stays, it can be worked in 3 s and heard in 5', async ({ page, site }) => {
  await startAtPage(page, site.server);
  page.on('dialog', (dialog) => void dialog.accept());
  const dock = page.getByTestId('dock');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await dock.getByRole('button', { name: 'Answer' }).click({ timeout: 40_000 });
  await pageHears(page, 660);
  await site.caller.hears(900);

  await page.reload();
  const loaded = Date.now();
  await expect(dock.getByRole('button', { name: 'Hold' })).toBeEnabled();
  const worked = Date.now() - loaded;
  await pageHears(page, 660);
  const heard = Date.now() - loaded;
  site.caller.forget();
  await site.caller.hears(900);
  test.info().annotations.push({ type: 'measured', description: `worked after ${worked} ms, heard after ${heard} ms` });
  await dock.getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await dock.getByRole('button', { name: 'Finish' }).click();
  await signOut(page);
});

test('Z1: a second tab shows and orders the phone of the first, and is the phone when that one closes', async ({ page, context, site }) => {
  await startAtPage(page, site.server);
  const second = await context.newPage();
  await asItIs(second);
  await second.goto(site.server.url);
  await second.getByTestId('registration').getByText('Phone ready').waitFor({ timeout: 45_000 });
  const dock = second.getByTestId('dock');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await dock.getByRole('button', { name: 'Answer' }).click({ timeout: 40_000 });
  await pageHears(page, 660);
  await dock.getByRole('button', { name: 'Mute', exact: true }).click();
  await expect(page.getByTestId('dock').getByRole('button', { name: 'Unmute' })).toBeVisible();
  await dock.getByRole('button', { name: 'Unmute' }).click();

  await page.close();
  await pageHears(second, 660);
  site.caller.forget();
  await site.caller.hears(900);
  await dock.getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await dock.getByRole('button', { name: 'Finish' }).click();
  await signOut(second);
});

test('AB12: another desktop takes the work over in mid-call, and the call with it', async ({ page, browser, site }) => {
  await startAtPage(page, site.server);
  const dock = page.getByTestId('dock');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await dock.getByRole('button', { name: 'Answer' }).click({ timeout: 40_000 });
  await pageHears(page, 660);

  const other = await (await browser.newContext()).newPage();
  await asItIs(other);
  await signIn(other, site.server, 'dario');
  await other.getByRole('button', { name: /^Take over/ }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await pageHears(other, 660);
  site.caller.forget();
  await site.caller.hears(900);
  await other.getByTestId('dock').getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await other.getByTestId('dock').getByRole('button', { name: 'Finish' }).click();
  await signOut(other);
  await other.context().close();
});

test('Z1: the way to the server is cut in mid-call; the audio goes on, and the call is worked as before once it is back', async ({ page, site }) => {
  await cuttable(page);
  await startAtPage(page, site.server);
  const dock = page.getByTestId('dock');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await dock.getByRole('button', { name: 'Answer' }).click({ timeout: 40_000 });
  await pageHears(page, 660);
  await page.evaluate(() => window.cutSip(true));
  await expect(page.getByTestId('registration')).toContainText('Reconnecting');
  await expect(page.getByText('Your phone has lost the server.')).toBeVisible();
  site.caller.forget();
  await site.caller.hears(900);
  await pageHears(page, 660);
  await page.evaluate(() => window.cutSip(false));
  await expect(page.getByTestId('registration')).toContainText('Phone ready', { timeout: 30_000 });
  await dock.getByRole('button', { name: 'Hold' }).click();
  await dock.getByRole('button', { name: 'Resume' }).click();
  await pageHears(page, 660);
  await dock.getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await expect(page.locator('audio[data-phone]')).toHaveCount(0);
  await dock.getByRole('button', { name: 'Finish' }).click();
  await signOut(page);
});

test('Z1: a page that is closed and stays away gives its caller back to the queue, where the call is offered first', async ({ page, browser, context, site }) => {
  await startAtPage(page, site.server);
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await page.getByTestId('dock').getByRole('button', { name: 'Answer' }).click({ timeout: 40_000 });
  await pageHears(page, 660);
  const sofia = await signedIn(browser, site.server, 'sofia');
  await page.close();
  await until('the caller in the queue again', async () => {
    const waiting = (await (await sofia.request.get(`${site.server.url}/api/v1/waiting`)).json()) as unknown[];
    return waiting.length === 1 || undefined;
  }, 50_000);
  await sofia.close();
  const back = await context.newPage();
  await asItIs(back);
  await back.goto(site.server.url);
  const dock = back.getByTestId('dock');
  // Wrap-up ends by itself; then the caller is offered.
  await dock.getByRole('button', { name: 'Answer' }).click({ timeout: 40_000 });
  await pageHears(back, 660);
  await dock.getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await dock.getByRole('button', { name: 'Finish' }).click();
  await signOut(back);
});

test('Z1 B11: a shift by keys alone: the palette dials, single keys work the call, in Italian too', async ({ page, site }) => {
  await startAtPage(page, site.server);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Go to or call' })).toBeFocused();
  await page.keyboard.type('1002');
  await expect(page.getByRole('option', { name: 'Call 1002' })).toHaveAttribute('aria-selected', 'true');
  expect(await faultsInBoth(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await site.caller.next('CALL_INCOMING');
  site.caller.answer();
  const dock = page.getByTestId('dock');
  await pageHears(page, 660);
  await page.keyboard.press('h');
  await expect(dock).toContainText('On hold');
  await page.keyboard.press('h');
  await pageHears(page, 660);
  await page.keyboard.press('m');
  await expect(dock.getByRole('button', { name: 'Unmute' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('t');
  await expect(page.getByRole('dialog', { name: 'Transfer the call' })).toBeVisible();
  // Who types means the field.
  await page.keyboard.type('mh');
  await expect(page.getByLabel('Name or number')).toHaveValue('mh');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitem', { name: 'Italiano' }).click();
  await expect(dock.getByRole('button', { name: 'Riattiva' })).toBeVisible();
  await expect(page.getByTestId('registration')).toContainText('Telefono pronto');
  expect(await faultsInBoth(page)).toEqual([]);
  await page.keyboard.press('Control+Shift+E');
  await site.caller.next('CALL_CLOSED');
  await page.getByRole('button', { name: 'Lingua' }).click();
  await page.getByRole('menuitem', { name: 'English' }).click();
  await signOut(page);
});

test('Z1: who may not use the microphone is offered no calls and sees why', async ({ page, site }) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await page.goto(`${site.server.url}/login`);
  await page.getByLabel('Login name').fill('dario');
  await page.getByLabel('Password', { exact: true }).fill('carillon-demo');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('registration')).toContainText('Microphone blocked');
  await expect(page.getByText('so no calls are offered to you. Allow it in the address bar.')).toBeVisible();
  await expect(state(page)).toContainText('Logged out');
  expect(await faultsInBoth(page)).toEqual([]);
  await signOut(page);
});
