// Whether the phone of the page is ready: Z1, C1.
import { expect, faultsInBoth, signedIn, signOut, state, test } from './desk';
import { cuttable, hearing, pageHears, startAtPage } from './pagephone';
import { until } from './server';

test.use({ day: 'readiness', launchOptions: hearing(900) });
test.describe.configure({ mode: 'serial', timeout: 120_000 });

test('Z1: the first shift at a browser begins with a check of microphone, speaker, ringing and notifications, once', async ({ page, context, site }) => {
  await context.grantPermissions(['microphone', 'notifications']);
  await startAtPage(page, site.server);
  await expect(page.getByText('First shift at this browser?')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('button', { name: 'Check the phone' }).click();
  const dialog = page.getByRole('dialog', { name: 'Is the phone ready?' });
  await expect(dialog.getByText('Phone ready', { exact: true })).toBeVisible();
  await expect(dialog.getByText('Allowed')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Test for 3 seconds' }).click();
  await dialog.getByRole('button', { name: 'I heard myself' }).click();
  await dialog.getByRole('button', { name: 'Ring once' }).click();
  await dialog.getByRole('button', { name: 'I heard it ring' }).click();
  await expect(dialog.getByRole('img', { name: 'Done' })).toHaveCount(4);
  await dialog.getByRole('button', { name: 'Start the shift' }).click();
  await expect(dialog).toBeHidden();
  await page.reload();
  await page.getByTestId('registration').getByText('Phone ready').waitFor({ timeout: 45_000 });
  await expect(page.getByText('First shift at this browser?')).toBeHidden();
  await signOut(page);
});

test('Z1: without a microphone, or without its way to the server, the page is offered no calls and says why', async ({ page, browser, site }) => {
  await cuttable(page);
  await page.addInitScript(() => {
    const devices = navigator.mediaDevices;
    const all = devices.enumerateDevices.bind(devices);
    devices.enumerateDevices = async () => (window.unplugged ? [] : all());
  });
  await startAtPage(page, site.server);
  const sofia = await signedIn(browser, site.server, 'sofia');
  const waiting = async () => ((await (await sofia.request.get(`${site.server.url}/api/v1/waiting`)).json()) as { offered_to: string[] }[]).map((row) => row.offered_to);
  const plug = (unplugged: boolean) =>
    page.evaluate((unplugged) => {
      window.unplugged = unplugged;
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    }, unplugged);

  await plug(true);
  await expect(page.getByTestId('registration')).toContainText('No microphone');
  await expect(page.getByText('No microphone was found, so no calls are offered to you.')).toBeVisible();
  await expect(state(page)).toContainText('Telephone unreachable');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await until('the caller in the queue', async () => ((await waiting()).length === 1 ? true : undefined));
  expect(await waiting()).toEqual([[]]);
  await plug(false);
  const dock = page.getByTestId('dock');
  await dock.getByRole('button', { name: 'Answer' }).click({ timeout: 40_000 });
  await pageHears(page, 660);
  await dock.getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await dock.getByRole('button', { name: 'Finish' }).click();
  await expect(state(page)).toContainText('Ready');

  await page.evaluate(() => window.cutSip(true));
  await expect(page.getByText('Your phone has lost the server.')).toBeVisible();
  await expect(state(page)).toContainText('Telephone unreachable');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await until('the caller in the queue', async () => ((await waiting()).length === 1 ? true : undefined));
  expect(await waiting()).toEqual([[]]);
  await page.evaluate(() => window.cutSip(false));
  await expect(state(page)).toContainText('Ringing', { timeout: 40_000 });
  site.caller.hangUp();
  await site.caller.next('CALL_CLOSED');
  await sofia.close();
  await signOut(page);
});

test('Z1: a microphone that another program has is tried again until it is free', async ({ page, site }) => {
  await page.addInitScript(() => {
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    let taken = 2;
    devices.getUserMedia = (wanted) => (taken-- > 0 ? Promise.reject(new DOMException('in use', 'NotReadableError')) : open(wanted));
  });
  await startAtPage(page, site.server);
  await signOut(page);
});

test('Z1: keys of the page go within its audio, and a question mark lists the shortcuts', async ({ page, site }) => {
  await startAtPage(page, site.server);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(help.getByText('Hold, or take the caller back')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByTestId('phone-bar').getByLabel('Number or colleague').fill('1002');
  await page.keyboard.press('Enter');
  await site.caller.next('CALL_INCOMING');
  site.caller.answer();
  await pageHears(page, 660);
  let ordered = false;
  page.on('request', (request) => (ordered ||= request.url().endsWith('/digits')));
  await page.keyboard.press('Escape');
  await page.getByTestId('dock').getByRole('button', { name: 'Keypad' }).click();
  await expect(page.getByRole('button', { name: 'Press 1', exact: true })).toBeFocused();
  await page.keyboard.type('5#');
  for (let key = 0; key < 2; key += 1) await site.caller.next('CALL_DTMF_START');
  await expect(page.getByText('Pressed: 2')).toBeVisible();
  expect(ordered).toBe(false);
  await page.keyboard.press('Escape');
  await page.getByTestId('dock').getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await signOut(page);
});
