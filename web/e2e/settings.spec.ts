import type { Page } from '@playwright/test';

import { expect, faultsInBoth, signedIn, signIn, signOut, test } from './desk';

test.describe.configure({ mode: 'serial' });

/** Opens a kind's list, adds one, and gives back when it is stored. */
async function add(page: Page, kind: string, fill: () => Promise<void>): Promise<void> {
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: kind, exact: true }).click();
  await page.getByRole('link', { name: /^Add / }).click();
  await fill();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).not.toHaveURL(/new$/);
}

async function enter(page: Page, server: Parameters<typeof signIn>[1]): Promise<void> {
  await signIn(page, server, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Queues' })).toBeVisible();
}

test('Y4: a queue is added, filled with people, changed and removed', async ({ page, site }) => {
  await enter(page, site.server);
  await add(page, 'Queues', async () => {
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Billing');
    await page.getByLabel('Short name').fill('bill ing');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Letters, digits and + - _ . @ only.')).toBeVisible();
    await expect(page.getByLabel('Short name')).toBeFocused();
    await page.getByLabel('Short name').fill('sales');
    await page.getByLabel('Consent prompt').fill('no-such-prompt');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('There is no such prompt.')).toBeVisible();
    await page.getByLabel('Consent prompt').fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Another one has this already.')).toBeVisible();
    await page.getByLabel('Short name').fill('billing');
  });
  await expect(page.getByText('Nobody works in this queue')).toBeVisible();
  await page.getByRole('combobox', { name: 'Choose an agent' }).selectOption({ label: 'Anna Rossi' });
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const priority = page.getByLabel('Priority of Anna Rossi');
  await priority.fill('2');
  const saved = page.waitForResponse((answer) => answer.request().method() === 'PUT');
  await priority.press('Enter');
  expect((await saved).status()).toBe(204);
  await page.reload();
  await expect(priority).toHaveValue('2');
  await page.getByRole('button', { name: 'Take Anna Rossi out' }).click();
  await expect(page.getByText('Nobody works in this queue')).toBeVisible();

  await page.getByLabel('Ring time (s)').fill('20');
  await expect(page.getByText('Unsaved changes')).toBeVisible();
  await page.getByRole('link', { name: 'Live' }).first().click();
  const leaving = page.getByRole('dialog', { name: 'Leave without saving?' });
  await leaving.getByRole('button', { name: 'Cancel' }).waitFor();
  expect(await faultsInBoth(page)).toEqual([]);
  await leaving.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Unsaved changes')).toBeHidden();
  await page.reload();
  await expect(page.getByLabel('Ring time (s)')).toHaveValue('20');
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog', { name: 'Remove Billing?' }).getByRole('button', { name: 'Remove' }).click();
  await expect(page).toHaveURL(/settings\/queues/);
  await expect(page.getByRole('link', { name: 'Billing' })).toHaveCount(0);
  await signOut(page);
});

test('Y1 Y2 Y3 Y6: people, telephones, trunks, routes and pauses, each in use at once', async ({ page, browser, site }) => {
  await enter(page, site.server);
  await add(page, 'People', async () => {
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Elio Conti');
    await page.getByLabel('Login name').fill('elio');
    await page.getByLabel('Extension').fill('209');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('This is needed.')).toBeVisible();
    await page.getByRole('textbox', { name: 'Password' }).fill('short');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('At least 8 characters.', { exact: true })).toBeVisible();
    await page.getByRole('textbox', { name: 'Password' }).fill('long enough');
  });
  await (await signedIn(browser, site.server, 'elio', 'long enough')).close();

  await add(page, 'Telephones', async () => {
    await page.getByRole('textbox', { name: 'Number' }).fill('1099');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Lobby');
    await page.getByRole('textbox', { name: 'SIP password' }).fill('phone-1099');
  });
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Telephones' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Lobby' })).toContainText('Not registered');
  await expect(page.getByRole('row').filter({ hasText: '1002' })).toContainText(/Registered.*baresip/);

  await add(page, 'Trunks', async () => {
    await page.getByLabel('Short name').fill('carrier');
    await page.getByLabel('IP address or name').fill('not a name');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('An IP address or a name, such as sip.carrier.example.')).toBeVisible();
    await page.getByLabel('IP address or name').fill('127.0.0.1');
    await page.getByLabel('Port', { exact: true }).fill('9');
    await page.getByRole('combobox', { name: 'Transport' }).selectOption('tcp');
    await page.getByLabel('User name').fill('390612345');
    await page.getByRole('textbox', { name: 'Password' }).fill('a secret');
    await page.getByRole('switch', { name: 'Register there' }).check();
  });
  await expect(page.getByText('The registrar does not answer.', { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Tried again at')).toBeVisible();
  await add(page, 'Outbound routes', async () => {
    await page.getByLabel('Prefix').fill('+44');
    await page.getByRole('combobox', { name: 'Trunk' }).selectOption('carrier');
  });
  await add(page, 'Pauses', async () => {
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Coaching');
    await page.getByLabel('Short name').fill('coaching');
    await page.getByRole('switch', { name: 'Paid' }).check();
  });
  const pauses = (await (await page.request.get(`${site.server.url}/api/v1/pauses`)).json()) as { label: string; paid: boolean }[];
  expect(pauses.find((pause) => pause.label === 'Coaching')?.paid).toBe(true);
  await signOut(page);
});

test('every page of the settings and each dialog stands up to axe, in both colours', async ({ page, site }) => {
  test.setTimeout(240_000);
  await enter(page, site.server);
  for (const kind of ['queues', 'trunks', 'routes', 'dispositions', 'users', 'phones', 'pauses']) {
    await page.goto(`${site.server.url}/settings/${kind}`);
    const first = page.getByRole('row').nth(1).getByRole('link').first();
    await first.waitFor();
    expect(await faultsInBoth(page), kind).toEqual([]);
    await first.click();
    await page.getByRole('button', { name: 'Remove' }).waitFor();
    expect(await faultsInBoth(page), `one of ${kind}`).toEqual([]);
  }
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').waitFor();
  expect(await faultsInBoth(page), 'dialog').toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await signOut(page);
});
