import type { Page } from '@playwright/test';

import { change, choosePhone, expect, faultsInBoth, signedIn, signIn, signOut, startWork, state, test } from './desk';
import { Phone } from './phone';

test.use({ day: 'everywhere' });

/** Nothing is wrong with what the page shows, in either theme; what is is told with the rest of the tour. */
async function sound(page: Page, what: string): Promise<void> {
  expect.soft(await faultsInBoth(page), what).toEqual([]);
}

/** Opens a menu, looks at it and closes it. */
async function menu(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('menu').waitFor();
  await sound(page, `menu ${String(name)}`);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toHaveCount(0);
}

test('every state of a call at an agent’s desk stands up to axe in both themes: sign-in, dock, dialogs and menus', async ({ page, browser, site }) => {
  test.setTimeout(420_000);
  const admin = await signedIn(browser, site.server, 'admin');
  await change(admin.request, `${site.server.url}/api/v1/queues`, (queue) => queue.name === 'sales', { wrapup_ms: 600_000, offer_ms: 120_000 });
  // Each speaks for as long as it all takes: whoever says nothing more is taken for gone.
  const [own, caller, third] = await Promise.all([Phone.register('1005', site.server.sip, 440, 600), Phone.register('1004', site.server.sip, 660, 600), Phone.register('1003', site.server.sip, 880, 600)]);
  await page.goto(`${site.server.url}/login`);
  await page.getByLabel('Login name').fill('anna');
  await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await sound(page, 'a refused sign-in');
  await signIn(page, site.server, 'anna');
  await page.getByRole('radio').first().waitFor({ state: 'attached' });
  await sound(page, 'choice of a telephone');
  await choosePhone(page, '1005');
  await sound(page, 'dashboard');
  await menu(page, /^Account of/);
  await menu(page, 'Language');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(state(page)).toContainText('Paused');
  await menu(page, 'Choose a pause');
  await sound(page, 'in a pause');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Change password…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Change password' }).click();
  await sound(page, 'change of the password');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill('rec');
  await sound(page, 'everything by its name');
  await page.keyboard.press('Escape');

  caller.dial(`sip:5001@${site.server.sip}`);
  const dock = page.getByTestId('dock');
  await expect(dock).toContainText('Answer on telephone 1005', { timeout: 40_000 });
  await sound(page, 'an offer');
  await page.getByTestId('waiting-row').getByRole('button').first().click();
  await page.getByRole('menu').waitFor();
  await sound(page, 'what can be done with a number');
  await page.keyboard.press('Escape');
  await own.next('CALL_INCOMING');
  own.answer();
  await expect(dock).toContainText('On a call');
  await sound(page, 'a call');
  await dock.getByRole('button', { name: 'Hold' }).click();
  await expect(dock).toContainText('On hold');
  await sound(page, 'a call on hold');
  await dock.getByRole('button', { name: 'Resume' }).click();
  await dock.getByRole('button', { name: 'Keypad' }).click();
  await page.getByRole('button', { name: 'Press 1', exact: true }).waitFor();
  await sound(page, 'keypad');
  await page.keyboard.press('Escape');
  await dock.getByRole('button', { name: 'Transfer' }).click();
  await page.getByRole('dialog').getByText('Support').waitFor();
  await sound(page, 'transfer');
  await page.getByRole('dialog').getByRole('textbox').fill('1003');
  await page.getByRole('button', { name: 'Ask 1003 first' }).click();
  await expect(dock.getByTestId('asked')).toBeVisible();
  await sound(page, 'a colleague is rung');
  await third.next('CALL_INCOMING');
  third.answer();
  await expect(dock.getByTestId('asked')).toContainText('Hears you');
  await sound(page, 'a colleague is asked');
  await dock.getByRole('button', { name: 'Three-way' }).click();
  await expect(dock.getByTestId('asked')).toContainText('With you all');
  await sound(page, 'three of them');
  // Of the three the other two go on.
  await dock.getByRole('button', { name: 'End' }).click();
  await own.next('CALL_CLOSED');
  caller.hangUp();
  await third.next('CALL_CLOSED');
  await signOut(page);
  await Promise.all([own, caller, third].map((phone) => phone.stop()));
  await admin.close();
});

test('what supervisors see stands up to axe in both themes: people at work, a call with its ladder, orders', async ({ page, browser, site }) => {
  test.setTimeout(240_000);
  const anna = await browser.newContext();
  const desk = await anna.newPage();
  await startWork(desk, site.server, 'anna', '1001');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await expect(desk.getByTestId('dock')).toContainText('On a call');
  await desk.getByTestId('dock').getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await signIn(page, site.server, 'sofia');
  await page.getByTestId('agent-anna').waitFor();
  await sound(page, 'dashboard of a supervisor');
  await menu(page, 'Orders to Anna Rossi');
  await page.getByRole('link', { name: 'Voice calls' }).first().click();
  await page.getByRole('link', { name: /^Details of call/ }).first().click();
  await page.getByText(/ hear each other$/).waitFor();
  await sound(page, 'one call');
  await page.getByRole('tab', { name: 'SIP messages' }).click();
  await page.getByRole('list', { name: 'SIP messages' }).getByRole('button').first().click();
  await sound(page, 'its SIP messages');
  await page.getByRole('button', { name: /Correct…|Dispose…/ }).first().click();
  await page.getByRole('dialog').waitFor();
  await sound(page, 'a correction');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Recordings' }).first().click();
  await page.getByRole('button', { name: /^Listen to the recording/ }).first().click();
  await page.getByTestId('player').getByRole('button', { name: 'Links to the recording' }).click();
  await page.getByRole('dialog').waitFor();
  await sound(page, 'links');
  await page.keyboard.press('Escape');
  await page.goto(`${site.server.url}/settings/users`);
  await page.getByText('Settings are for administrators').waitFor();
  await sound(page, 'what is for others');
  await signOut(page);
  await signOut(desk);
  await anna.close();
});

test('every page of the settings stands up to axe in both themes: lists, new ones with what is wrong, keys, sounds, the log', async ({ page, site }) => {
  test.setTimeout(420_000);
  await signIn(page, site.server, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  const pages = page.getByRole('navigation', { name: 'Settings' }).getByRole('link');
  await pages.first().waitFor();
  const paths = await pages.evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  expect(paths.length).toBeGreaterThanOrEqual(10);
  for (const path of paths) {
    await page.goto(site.server.url + path);
    await page.getByRole('heading', { level: 1 }).or(page.getByRole('heading', { level: 2 })).first().waitFor();
    await page.locator('main .mantine-Skeleton-root').first().waitFor({ state: 'detached' });
    await sound(page, path);
    const add = page.getByRole('link', { name: /^Add / });
    if ((await add.count()) === 0) continue;
    await add.click();
    await page.getByRole('main').getByRole('textbox').last().fill(' ');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('This is needed.').first()).toBeVisible();
    await sound(page, `a new one of ${path}`);
  }
  await page.goto(`${site.server.url}/settings/api-keys`);
  await page.getByRole('button', { name: 'Add key' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add key' });
  await dialog.getByLabel('Name').fill('CRM');
  await dialog.getByLabel('Read calls, recordings and states').check();
  await dialog.getByRole('button', { name: 'Make key' }).click();
  await dialog.getByText('Copy the key now').waitFor();
  await sound(page, 'a new key');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Take back the key CRM' }).click();
  await page.getByRole('dialog').waitFor();
  await sound(page, 'a key is taken back');
  await page.keyboard.press('Escape');
  await page.goto(`${site.server.url}/settings/sounds`);
  await page.getByRole('button', { name: 'Replace hold' }).click();
  await page.getByRole('dialog', { name: 'Upload' }).waitFor();
  await sound(page, 'upload');
  await page.keyboard.press('Escape');
  await page.goto(`${site.server.url}/settings/phones`);
  await page.getByRole('link', { name: '1006' }).click();
  await page.getByRole('button', { name: 'Show settings…' }).click();
  await page.getByRole('dialog', { name: 'Set up the telephone' }).waitFor();
  await sound(page, 'settings of a telephone');
  await page.keyboard.press('Escape');
  await signOut(page);
});
