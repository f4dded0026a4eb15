import type { Page } from '@playwright/test';

import { expect, signOut, startWork, state, test } from './desk';

test.describe.configure({ mode: 'serial' });

/** Goes to a control by the Tab key alone, as a person without a mouse does. */
async function tabTo(page: Page, role: 'button' | 'link' | 'textbox' | 'radio' | 'slider' | 'combobox' | 'menuitem', name: string | RegExp): Promise<void> {
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
  await page.getByRole('menuitem', { name: 'Lunch' }).waitFor();
  while (!(await page.getByRole('menuitem', { name: 'Lunch' }).evaluate((item) => item === document.activeElement))) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
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
  await expect(page.getByText('Both sides hear each other')).toBeVisible();
  await press(page, 'button', /^Close Call/);
  await press(page, 'link', 'Recordings');
  await press(page, 'button', /^Listen to the recording/);
  const player = page.getByTestId('player');
  await expect(player.getByTestId('wave')).toBeVisible();
  await tabTo(page, 'slider', 'Position in the recording');
  await page.keyboard.press('Home');
  await press(page, 'button', 'Close player');
  await expect(player).toBeHidden();

  await press(page, 'button', /^Account of/);
  await page.getByRole('menuitem', { name: 'Log out' }).waitFor();
  while (!(await page.getByRole('menuitem', { name: 'Log out' }).evaluate((item) => item === document.activeElement))) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('C3 D1 AB1: calls without a mouse: a number dialled from a list, hold, resume, keys, a colleague looked for, the end', async ({ page, site }) => {
  test.setTimeout(120_000);
  await startWork(page, site.server, 'anna', '1001');
  await press(page, 'link', 'Voice calls');
  await press(page, 'button', '1002');
  await page.getByRole('menuitem', { name: 'Call' }).waitFor();
  while (!(await page.getByRole('menuitem', { name: 'Call' }).evaluate((item) => item === document.activeElement))) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
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
  await page.getByRole('button', { name: 'Press 1', exact: true }).waitFor();
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
