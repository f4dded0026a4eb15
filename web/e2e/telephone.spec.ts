import { expect, faultsInBoth, signedIn, signIn, signOut, test } from './desk';

test.use({ day: 'telephone' });
test.describe.configure({ mode: 'serial' });

test('B16, threat 32: who works on the telephone has no controls on the page; markup in a name is text', async ({ page, browser, site }) => {
  const name = `<img src=x onerror="document.body.dataset.ran='yes'"><b>Carla</b>`;
  const admin = await signedIn(browser, site.server, 'admin');
  const password = 'telephone-and-page';
  const made = await admin.request.post(`${site.server.url}/api/v1/users`, {
    data: { login: 'carola', name, role: 'agent', password, pin: '471108', agent: { number: '299', typology: 'phonebar' } },
  });
  expect(made.status()).toBe(201);
  await page.goto(site.server.url);
  await page.getByLabel('Login name').fill('carola');
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await expect(page.getByText('On your telephone: *45 log in')).toBeVisible();
  await expect(page.getByRole('button', { name: /Pause|Resume/ })).toHaveCount(0);
  await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);

  const people = await admin.newPage();
  await people.goto(`${site.server.url}/settings/users`);
  await expect(people.getByText(name, { exact: true }).first()).toBeVisible();
  for (const shown of [page, people]) expect(await shown.evaluate(() => document.body.dataset.ran)).toBeUndefined();
  await admin.close();
  await signOut(page);
});

test('a key for other software is made, shown once, used and taken back', async ({ page, site }) => {
  await signIn(page, site.server, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'API keys' }).click();
  await expect(page.getByText('No software has a key')).toBeVisible();
  await page.getByRole('button', { name: 'Add key' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add key' });
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await page.keyboard.type('CRM');
  await dialog.getByRole('combobox', { name: 'Acts as' }).selectOption({ label: 'Anna Rossi' });
  await dialog.getByLabel('Read calls, recordings and states').check();
  expect(await faultsInBoth(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Make key' }).click();
  await expect(dialog.getByText('Copy the key now')).toBeVisible();
  const secret = (await dialog.getByLabel('The key', { exact: true }).textContent()) ?? '';
  expect(await faultsInBoth(page)).toEqual([]);
  const read = () => page.request.fetch(`${site.server.url}/api/v1/me`, { headers: { Authorization: `Bearer ${secret}`, Cookie: '' } });
  expect(((await (await read()).json()) as { login: string }).login).toBe('anna');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.reload();
  await expect(page.getByText('CRM')).toBeVisible();
  await expect(page.getByText(secret)).toHaveCount(0);
  await page.getByRole('button', { name: 'Take back the key CRM' }).click();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
  await expect(page.getByText('Taken back')).toBeVisible();
  expect((await read()).status()).toBe(401);
  await signOut(page);
});
