import type { Page } from '@playwright/test';

import { change, expect, signedIn, signOut, startWork, state, test } from './desk';
import { Phone } from './phone';

test.describe.configure({ mode: 'serial' });

/** Goes to a control by the Tab key alone, as a person without a mouse does. */
async function tabTo(page: Page, role: 'button' | 'link' | 'textbox' | 'radio' | 'slider' | 'combobox' | 'switch', name: string | RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name }).first();
  await wanted.waitFor({ state: 'attached' });
  for (let step = 0; step < 80; step += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${role} ${String(name)} is not reached by Tab`);
}

async function press(page: Page, role: Parameters<typeof tabTo>[1], name: string | RegExp): Promise<void> {
  await tabTo(page, role, name);
  await page.keyboard.press('Enter');
}

/** Goes to an entry of the menu that is open by the arrow keys, and takes it. */
async function choose(page: Page, name: string): Promise<void> {
  const entry = page.getByRole('menuitem', { name, exact: true });
  await entry.waitFor();
  for (let step = 0; step < 20 && !(await entry.evaluate((item) => item === document.activeElement)); step += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
}

test('B1 A4 A17 B3 B4 I1 K4: a day without a mouse: sign-in, telephone, pause, an offer declined, a call, lists, player, log-out', async ({ page, site }) => {
  test.setTimeout(120_000);
  await page.goto(`${site.server.url}/login`);
  await tabTo(page, 'textbox', 'Login name');
  await page.keyboard.type('anna');
  await page.keyboard.press('Tab');
  await page.keyboard.type('carillon-demo');
  await page.keyboard.press('Enter');
  await tabTo(page, 'radio', /1001/);
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: /1002/ })).toBeChecked();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(state(page)).toContainText('Ready');

  await page.keyboard.press('Tab');
  await press(page, 'button', 'Pause');
  await expect(state(page)).toContainText('Break');
  await press(page, 'button', 'Choose a pause');
  await choose(page, 'Lunch');
  await expect(state(page)).toContainText('Lunch');
  await press(page, 'button', 'Resume');
  await expect(state(page)).toContainText('Ready');

  site.caller.dial(`sip:5001@${site.server.sip}`);
  await press(page, 'button', 'Decline');
  await site.desk.next('CALL_CLOSED');
  // Nobody else is there: it is offered again.
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await press(page, 'button', 'End');
  await press(page, 'button', 'Finish');

  await press(page, 'link', 'Voice calls');
  await press(page, 'button', 'Source');
  await expect(page.getByRole('columnheader', { name: 'Source' })).toHaveAttribute('aria-sort', 'ascending');
  await press(page, 'link', /^Details of call/);
  await expect(page.getByText(/ hear each other$/)).toBeVisible();
  await press(page, 'button', /^Close Call/);
  await press(page, 'button', /^Close$/);
  await press(page, 'link', 'Recordings');
  await press(page, 'button', /^Listen to the recording/);
  const player = page.getByTestId('player');
  await expect(player.getByTestId('wave')).toBeVisible();
  await tabTo(page, 'slider', 'Position in the recording');
  await page.keyboard.press('Home');
  await press(page, 'button', 'Close player');
  await expect(player).toBeHidden();

  await press(page, 'button', /^Account of/);
  await choose(page, 'Log out');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('C3 D1 AB1: calls without a mouse: a number dialled from a list, hold, resume, keys, a colleague looked for, the end', async ({ page, site }) => {
  test.setTimeout(120_000);
  await startWork(page, site.server, 'anna', '1001');
  await press(page, 'link', 'Voice calls');
  await press(page, 'button', '1002');
  await choose(page, 'Call');
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await site.caller.next('CALL_INCOMING');
  site.caller.answer();
  const dock = page.getByTestId('dock');
  await expect(dock).toContainText('On a call');
  await press(page, 'button', 'Hold');
  await expect(dock).toContainText('On hold');
  await press(page, 'button', 'Resume');
  await expect(dock).toContainText('On a call');
  await press(page, 'button', 'Keypad');
  await expect(page.getByRole('button', { name: 'Press 1', exact: true })).toBeFocused();
  await page.keyboard.type('1#');
  await expect(page.getByText('Pressed: 2')).toBeVisible();
  await page.keyboard.press('Escape');
  await press(page, 'button', 'Transfer');
  const dialog = page.getByRole('dialog', { name: 'Transfer the call' });
  await expect(dialog.getByLabel('Name or number')).toBeFocused();
  await page.keyboard.type('sup');
  await expect(dialog.getByRole('button', { name: 'Transfer to Support' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await press(page, 'button', 'End');
  await site.caller.next('CALL_CLOSED');
  await signOut(page);
});

test('AB1 R5 J3 J5 J6 B3: without a mouse too: a colleague is asked, swapped with, all three, given the call; it is classed; a caller who gave up is reserved, called back, classed and left', async ({ page, browser, site }) => {
  test.setTimeout(240_000);
  const admin = await signedIn(browser, site.server, 'admin');
  await change(admin.request, `${site.server.url}/api/v1/queues`, (queue) => queue.name === 'sales', { wrapup_ms: 600_000 });
  await admin.close();
  const third = await Phone.register('1003', site.server.sip, 880, 200);
  const bruno = await signedIn(browser, site.server, 'bruno');
  expect((await bruno.request.put(`${site.server.url}/api/v1/session/phone`, { data: { phone: '1003' } })).status()).toBe(200);
  await bruno.request.post(`${site.server.url}/api/v1/me/pause`, { data: {} });
  await startWork(page, site.server, 'anna', '1001');
  const dock = page.getByTestId('dock');
  const asked = dock.getByTestId('asked');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await expect(dock).toContainText('On a call');
  await press(page, 'button', 'Transfer');
  await expect(page.getByRole('dialog', { name: 'Transfer the call' }).getByLabel('Name or number')).toBeFocused();
  await page.keyboard.type('bru');
  await press(page, 'button', 'Ask Bruno Conti first');
  await third.next('CALL_INCOMING');
  third.answer();
  await expect(asked).toContainText('Hears you');
  await press(page, 'button', 'Swap');
  await expect(asked).toContainText('On hold');
  await press(page, 'button', 'Three-way');
  await expect(asked).toContainText('With you all');
  await press(page, 'button', 'In private');
  await expect(asked).toContainText('Hears you');
  await press(page, 'button', 'Complete');
  await site.desk.next('CALL_CLOSED');
  const panel = page.getByTestId('wrap-up');
  await expect(panel).toBeVisible();
  // It is over for her, while the others talk on.
  await press(page, 'button', 'Interested');
  await tabTo(page, 'textbox', 'Note');
  await page.keyboard.type('told to Bruno');
  await press(page, 'button', 'Dispose');
  await expect(panel).toBeHidden();
  site.caller.hangUp();
  await third.next('CALL_CLOSED');

  await press(page, 'button', 'Pause');
  await expect(state(page)).toContainText('Paused');
  await press(page, 'link', 'Abandoned calls');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await expect(page.getByRole('link', { name: 'Dashboard' }).first()).toContainText('1', { timeout: 40_000 });
  site.caller.hangUp();
  const row = page.getByRole('row').filter({ hasText: '1002' });
  await expect(row).toBeVisible();
  await tabTo(page, 'switch', /./);
  await page.keyboard.press('Space');
  await press(page, 'button', '1002');
  await choose(page, 'Call');
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await site.caller.next('CALL_INCOMING');
  site.caller.answer();
  await expect(dock).toContainText('On a call');
  await press(page, 'button', 'End');
  await site.caller.next('CALL_CLOSED');
  await expect(row).toContainText('Reached');
  await press(page, 'button', /^Dispose call/);
  const dialog = page.getByRole('dialog', { name: /^Dispose call/ });
  await dialog.waitFor();
  await press(page, 'button', 'Sold');
  await press(page, 'button', /^Dispose$/);
  await expect(dialog).toBeHidden();
  await expect(row).toContainText('Sold');
  await press(page, 'button', /^Account of/);
  await choose(page, 'Log out');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await bruno.request.delete(`${site.server.url}/api/v1/session`);
  await bruno.close();
  await third.stop();
});
