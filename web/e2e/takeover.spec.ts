import { expect, faultsInBoth, signIn, signOut, startWork, state, test } from './desk';

test('AB12: a second sign-in asks to take over; the first desktop is told, and the call goes on', async ({ page, browser, site }) => {
  await startWork(page, site.server, 'anna', '1001');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await expect(page.getByTestId('dock')).toContainText('On a call');

  const elsewhere = await browser.newContext();
  const second = await elsewhere.newPage();
  await signIn(second, site.server, 'anna');
  await expect(second.getByRole('heading', { name: 'You are at work already' })).toBeVisible();
  await expect(second.getByText(/On telephone 1001, signed in/)).toBeVisible();
  expect(await faultsInBoth(second)).toEqual([]);
  // Leaving it there ends nothing of the first.
  await second.getByRole('button', { name: 'Leave it there' }).click();
  await expect(second.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(state(page)).toContainText('On a call');

  await signIn(second, site.server, 'anna');
  await second.getByRole('button', { name: 'Take over' }).press('Enter');
  await expect(second.getByTestId('dock')).toContainText('On a call');
  await expect(page.getByRole('status').filter({ hasText: 'Anna Rossi took over' })).toContainText('(127.0.0.1)');
  expect(await faultsInBoth(page)).toEqual([]);
  await second.getByTestId('dock').getByRole('button', { name: 'End' }).click();
  await second.getByTestId('dock').getByRole('button', { name: 'Finish' }).click();
  await expect(state(second)).toContainText('Ready');
  await signOut(second);
  await elsewhere.close();
});
