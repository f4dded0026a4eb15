import { expect, faultsInBoth, signedIn, signOut, startWork, state, test } from './desk';
import { Phone } from './phone';
import { until } from './server';

test.use({ day: 'control' });
test.describe.configure({ mode: 'serial' });

test('I5 K7 C3 D1: a number in a list is called by a click; the own telephone rings first; hold, resume, end', async ({ page, site }) => {
  await startWork(page, site.server, 'anna', '1001');
  const dock = page.getByTestId('dock');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await expect(dock).toContainText('Answer on telephone 1001', { timeout: 40_000 });
  // Who waits can be seen and copied; one who is being offered a call calls nobody.
  await page.getByTestId('waiting-row').getByRole('button', { name: '1002' }).click();
  await expect(page.getByRole('menuitem', { name: 'Call (you are busy)' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await dock.getByRole('button', { name: 'End' }).click();
  await dock.getByRole('button', { name: 'Finish' }).click();
  await site.desk.next('CALL_CLOSED');
  await site.caller.next('CALL_CLOSED');

  await page.getByRole('link', { name: 'Voice calls' }).first().click();
  const number = page.getByRole('row').nth(1).getByRole('button', { name: '1002' });
  await number.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Call' })).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('menuitem', { name: 'Call' }).click();
  await site.desk.next('CALL_INCOMING');
  await expect(dock).toContainText('Calling');
  site.desk.answer();
  await site.caller.next('CALL_INCOMING');
  site.caller.answer();
  await expect(dock).toContainText('On a call');
  await expect(dock).toContainText('1002');
  await dock.getByRole('button', { name: 'Hold' }).click();
  await expect(dock).toContainText('On hold');
  expect(await faultsInBoth(page)).toEqual([]);
  await dock.getByRole('button', { name: 'Resume' }).click();
  await expect(dock).toContainText('On a call');
  await dock.getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await expect(state(page)).toContainText(/Ready|Wrap-up/);
  await signOut(page);
});

test('D1: a tel: link of another page leads to the desk, which dials at one key and says why it cannot', async ({ page, browser, site }) => {
  await startWork(page, site.server, 'anna', '1001');
  await page.goto(`${site.server.url}/dial?number=${encodeURIComponent('tel:1002')}`);
  await expect(page.getByText('1002', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Call', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await site.desk.next('CALL_INCOMING');
  await page.getByTestId('dock').getByRole('button', { name: 'End' }).click();
  await site.desk.next('CALL_CLOSED');
  await page.goto(`${site.server.url}/dial?number=%2B999`);
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await expect(page.getByText('This number leads nowhere here.')).toBeVisible();
  // A number there is a way to, and no right: in words, and nothing is dialled.
  const admin = await signedIn(browser, site.server, 'admin');
  expect((await admin.request.post(`${site.server.url}/api/v1/outbound-routes`, { data: { prefix: '+1', class: 'international', trunk: 'simulator' } })).status()).toBe(201);
  await admin.close();
  await page.goto(`${site.server.url}/dial?number=%2B12125550100`);
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await expect(page.getByText('You may not dial international numbers.')).toBeVisible();
  await expect(page.getByTestId('dock')).toBeHidden();
  expect(await faultsInBoth(page)).toEqual([]);
  await signOut(page);
});

test('AB1: a colleague is asked, heard in turn with the caller and both at once, and given the call', async ({ page, browser, site }) => {
  test.setTimeout(120_000);
  const third = await Phone.register('1003', site.server.sip, 880);
  await startWork(page, site.server, 'anna', '1001');
  const bruno = await signedIn(browser, site.server, 'bruno');
  expect((await bruno.request.put(`${site.server.url}/api/v1/session/phone`, { data: { phone: '1003' } })).status()).toBe(200);
  await bruno.request.post(`${site.server.url}/api/v1/me/pause`, { data: {} });
  const dock = page.getByTestId('dock');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await expect(dock).toContainText('On a call');

  await dock.getByRole('button', { name: 'Transfer' }).click();
  const dialog = page.getByRole('dialog', { name: 'Transfer the call' });
  await expect(dialog.getByLabel('Name or number')).toBeFocused();
  await expect(dialog.getByText('Support')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.keyboard.type('bru');
  await expect(dialog.getByText('Support')).toBeHidden();
  await dialog.getByRole('button', { name: 'Ask Bruno Conti first' }).click();
  await expect(dock).toContainText('Asking a colleague');
  await expect(dock.getByTestId('asked')).toContainText(/Bruno Conti|1003|bruno/);
  await third.next('CALL_INCOMING');
  third.answer();
  await expect(dock.getByTestId('asked')).toContainText('Hears you');
  await dock.getByRole('button', { name: 'Swap' }).click();
  await expect(dock.getByTestId('asked')).toContainText('On hold');
  await dock.getByRole('button', { name: 'Three-way' }).click();
  await expect(dock.getByTestId('asked')).toContainText('With you all');
  await dock.getByRole('button', { name: 'Keypad' }).click();
  await expect(page.getByRole('button', { name: 'Press 1', exact: true })).toBeFocused();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.keyboard.type('12#');
  await expect(page.getByText('Pressed: 3')).toBeVisible();
  await page.keyboard.press('Escape');
  await dock.getByRole('button', { name: 'In private' }).click();
  await expect(dock.getByTestId('asked')).toContainText('Hears you');
  await dock.getByRole('button', { name: 'Complete' }).click();
  await expect(dock).toContainText('Wrap-up');
  await site.desk.next('CALL_CLOSED');
  await until('the conversation of Bruno', async () => {
    const me = (await (await bruno.request.get(`${site.server.url}/api/v1/me`)).json()) as { agent: { state: string } };
    return me.agent.state === 'talking' || undefined;
  });
  site.caller.hangUp();
  await third.next('CALL_CLOSED');
  await signOut(page);
  await bruno.request.delete(`${site.server.url}/api/v1/session`);
  await bruno.close();
  await third.stop();
});

test('C3 K7 I5: a number that is clicked in mid-call is asked first and let go of, then given the call', async ({ page, site }) => {
  test.setTimeout(120_000);
  const third = await Phone.register('1003', site.server.sip, 880);
  await startWork(page, site.server, 'anna', '1001');
  const dock = page.getByTestId('dock');
  // A call of 1003 puts its number in the list.
  third.dial(`sip:5001@${site.server.sip}`);
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await expect(dock).toContainText('On a call');
  third.hangUp();
  await dock.getByRole('button', { name: 'Finish' }).click();
  await Promise.all([site.desk.next('CALL_CLOSED'), third.next('CALL_CLOSED')]);

  site.caller.dial(`sip:5001@${site.server.sip}`);
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await expect(dock).toContainText('On a call');
  await page.getByRole('link', { name: 'Voice calls' }).first().click();
  const number = page.getByRole('row').nth(1).getByRole('button', { name: '1003' });
  await number.click();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('menuitem', { name: 'Ask there first' }).click();
  await third.next('CALL_INCOMING');
  third.answer();
  await expect(dock.getByTestId('asked')).toContainText('Hears you');
  await Promise.all([third.hearsJust({ 440: true, 660: false }), site.desk.hearsJust({ 880: true, 660: false })]);
  await dock.getByRole('button', { name: 'Cancel' }).click();
  await third.next('CALL_CLOSED');
  await expect(dock).toContainText('On a call');
  await Promise.all([site.caller.hearsJust({ 440: true, 880: false }), site.desk.hearsJust({ 660: true, 880: false })]);

  await number.click();
  await page.getByRole('menuitem', { name: 'Transfer the call here' }).click();
  await third.next('CALL_INCOMING');
  third.answer();
  await site.desk.next('CALL_CLOSED');
  await expect(dock).toContainText('Wrap-up');
  await Promise.all([third.hearsJust({ 660: true, 440: false }), site.caller.hearsJust({ 880: true, 440: false })]);
  site.caller.hangUp();
  await third.next('CALL_CLOSED');
  await signOut(page);
  await third.stop();
});
