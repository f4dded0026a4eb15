import { expect, faultsInBoth, signIn, test as base } from './desk';
import { Server } from './server';

const test = base.extend<object, { suite: Server }>({
  suite: [
    async ({}, use) => {
      const server = await Server.start('suite', '--security-suite');
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

test('A6 A7 A8 B7: a password that somebody else chose leads to a new one, and the menu changes it again', async ({ page, suite }) => {
  await signIn(page, suite, 'sofia');
  await expect(page.getByRole('heading', { name: 'Choose a new password' })).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);

  const current = page.getByLabel('Password now');
  const wanted = page.getByLabel('New password', { exact: true });
  const again = page.getByLabel('New password once more');
  const change = page.getByRole('button', { name: 'Change password' });
  await current.fill('carillon-demo');
  await wanted.fill('carillon');
  await again.fill('carillon!');
  await change.click();
  await expect(page.getByText('The two are not the same.')).toBeVisible();
  await again.fill('carillon');
  await change.click();
  await expect(page.getByText(/It has no upper-case letter\./)).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await expect(wanted).toHaveValue('carillon');
  await wanted.fill('Carillon-1');
  await again.fill('Carillon-1');
  await change.click();
  await expect(page.getByRole('heading', { name: 'Live' })).toBeVisible();

  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Change password…' }).click();
  await current.fill('wrong');
  await wanted.fill('Carillon-2');
  await again.fill('Carillon-2');
  await change.click();
  await expect(page.getByText('This is not your password.')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await current.fill('Carillon-1');
  await wanted.fill('Carillon-1');
  await again.fill('Carillon-1');
  await change.click();
  await expect(page.getByText('You had this password before.')).toBeVisible();
  await wanted.fill('Carillon-2');
  await again.fill('Carillon-2');
  await change.click();
  await expect(page.getByText('Your password is changed.')).toBeVisible();
  await expect(page.getByRole('dialog')).toBeHidden();
});
