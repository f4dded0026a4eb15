import { expect, faultsInBoth, signedIn, signIn, test } from './desk';
import { Phone } from './phone';

test.use({ day: 'supervise' });
test.describe.configure({ mode: 'serial', timeout: 90_000 });

test('X4 AB11: a supervisor listens to an agent, whispers, takes part and leaves, by the keyboard', async ({ page, browser, site }) => {
  const anna = await signedIn(browser, site.server, 'anna');
  expect((await anna.request.put(`${site.server.url}/api/v1/session/phone`, { data: { phone: '1001' } })).ok()).toBe(true);
  const desk = await Phone.register('1003', site.server.sip, 880);
  await signIn(page, site.server, 'sofia');
  await page.getByTestId('connection').getByText('Live').waitFor();
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
  await expect(row).toContainText('sofia listens');
  await desk.hears(440);
  await desk.hears(660);

  for (const [item, said] of [['Speak to the agent alone', 'sofia whispers'], ['Speak with both', 'sofia takes part']] as const) {
    await beside.click();
    await page.getByRole('menuitem', { name: item }).click();
    await expect(row).toContainText(said);
    await site.desk.hears(880);
  }
  await site.caller.hears(880);
  await beside.click();
  await page.getByRole('menuitem', { name: 'Leave the call' }).click();
  await desk.next('CALL_CLOSED');
  await expect(row).not.toContainText('sofia');
  site.caller.hangUp();
  await site.desk.next('CALL_CLOSED');
  await desk.stop();
});
