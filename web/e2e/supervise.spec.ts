import { expect, faultsInBoth, signedIn, signIn, startWork, test } from './desk';
import { Phone } from './phone';

test.use({ day: 'supervise' });
test.describe.configure({ mode: 'serial', timeout: 90_000 });

test('X4 AB11: a supervisor listens to an agent, whispers, takes part and leaves, by the keyboard', async ({ page, browser, site }) => {
  const anna = await signedIn(browser, site.server, 'anna');
  expect((await anna.request.put(`${site.server.url}/api/v1/session/phone`, { data: { phone: '1001' } })).ok()).toBe(true);
  const desk = await Phone.register('1003', site.server.sip, 880);
  await signIn(page, site.server, 'sofia');
  await page.getByTestId('connection').getByText('Connected').waitFor();
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();

  const row = page.getByTestId('agent-anna');
  const beside = row.getByRole('button', { name: /^Be beside/ });
  await expect(beside).toBeVisible({ timeout: 40_000 });
  await beside.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Listen' })).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('menuitem', { name: 'Listen' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Which telephone shall ring for you?' });
  await dialog.getByRole('radio', { name: /1003/ }).check();
  expect(await faultsInBoth(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Ring it' }).click();
  await desk.next('CALL_INCOMING');
  desk.answer();
  await expect(row).toContainText('Sofia Greco listens');
  await desk.hears(440);
  await desk.hears(660);

  for (const [item, said] of [['Speak to the agent alone', 'Sofia Greco whispers'], ['Speak with both', 'Sofia Greco takes part']] as const) {
    await beside.click();
    await page.getByRole('menuitem', { name: item }).click();
    await expect(row).toContainText(said);
    await site.desk.hears(880);
  }
  await site.caller.hears(880);
  await beside.click();
  await page.getByRole('menuitem', { name: 'Leave the call' }).click();
  await desk.next('CALL_CLOSED');
  await expect(row).not.toContainText('Sofia Greco');
  site.caller.hangUp();
  await site.desk.next('CALL_CLOSED');
  await desk.stop();
  await anna.request.delete(`${site.server.url}/api/v1/session`);
  await anna.close();
});

test('X2: the live page shows agents, calls and queues; a note reaches the agent; the call is taken over', async ({ page, browser, site }) => {
  const anna = await browser.newContext();
  const work = await anna.newPage();
  await startWork(work, site.server, 'anna', '1001');
  const desk = await Phone.register('1003', site.server.sip, 880);
  await signIn(page, site.server, 'sofia');
  await page.getByTestId('connection').getByText('Connected').waitFor();
  await expect(page.getByRole('heading', { name: 'Live' })).toBeVisible();
  await expect(page.getByText('No call is up')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  const row = page.getByTestId('agent-anna');
  await expect(row).toContainText('Sales', { timeout: 40_000 });
  const call = page.getByTestId(/^call-\d+$/);
  await expect(call).toContainText('Anna Rossi');
  await expect(call).toContainText('Talking');

  // Found by name and by state.
  const shown = page.getByRole('radiogroup', { name: 'Agents shown' });
  await shown.getByText('Paused').click();
  await expect(row).toBeHidden();
  await shown.getByText('On a call').click();
  await page.getByLabel('Find an agent').fill('ross');
  await expect(row).toBeVisible();

  await row.getByRole('button', { name: 'Orders to Anna Rossi' }).click();
  await page.getByRole('menuitem', { name: 'Write a note…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Note to Anna Rossi' });
  await dialog.getByLabel('Note').fill('Offer <img src=x onerror=alert(1)> the second month.');
  expect(await faultsInBoth(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Send' }).click();
  await expect(dialog).toBeHidden();
  await expect(work.getByRole('alert').filter({ hasText: 'Offer <img src=x onerror=alert(1)> the second month.' })).toBeVisible();
  expect(await faultsInBoth(work)).toEqual([]);
  await work.getByRole('button', { name: /^Close the note of/ }).click();
  await expect(work.getByText('the second month')).toBeHidden();

  await row.getByRole('button', { name: /^Be beside/ }).click();
  await page.getByRole('menuitem', { name: 'Listen' }).click();
  await page.getByRole('dialog').getByRole('radio', { name: /1003/ }).check();
  await page.getByRole('button', { name: 'Ring it' }).click();
  await desk.next('CALL_INCOMING');
  desk.answer();
  await expect(row).toContainText('Sofia Greco listens');
  await row.getByRole('button', { name: /^Be beside/ }).click();
  await page.getByRole('menuitem', { name: 'Take the call over' }).click();
  await site.desk.next('CALL_CLOSED');
  await site.caller.hears(880);
  await desk.hears(660);
  await expect(work.getByTestId('dock')).toContainText('Wrap-up');
  await expect(call).toContainText('Sofia Greco');
  await call.getByRole('button', { name: /^End call/ }).click();
  await page.getByRole('button', { name: 'End the call' }).waitFor();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('button', { name: 'End the call' }).click();
  await desk.next('CALL_CLOSED');
  await expect(page.getByText('No call is up')).toBeVisible();
  await desk.stop();
  await anna.close();
});
