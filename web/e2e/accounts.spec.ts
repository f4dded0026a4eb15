// A10: a password that runs out soon. A12, A13, A14, A15, Y8: a forgotten password by mail. Z2: where one is signed in, a second factor, locked and unlocked.
// Y7: how people sign in. Z3: disabled, invited, exported.
import { readFileSync } from 'node:fs';

import { code } from './authenticator';
import { expect, faultsInBoth, signedIn, signIn, signOut, test as base } from './desk';
import { Post } from './mail';
import { Server } from './server';

const test = base.extend<object, { post: Post; mailing: Server }>({
  post: [
    async ({}, use) => {
      const post = await Post.open();
      await use(post);
      post.close();
    },
    { scope: 'worker' },
  ],
  mailing: [
    async ({ post }, use) => {
      const server = await Server.start('accounts', '--mail', post.address);
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});
test.describe.configure({ mode: 'serial', timeout: 90_000 });

test('A12 A13 A15 Y8: an administrator tries the mail and enters an address; its owner sets a forgotten password by the link, once', async ({ page, mailing, post }) => {
  await signIn(page, mailing, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'Mail' }).click();
  await expect(page.getByText(post.address)).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('textbox', { name: 'To' }).fill('nobody@example.com');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByText(/The mail server did not take it: .*no such person/)).toBeVisible();
  await page.getByRole('textbox', { name: 'To' }).fill('admin@example.com');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByText('The mail server took the letter.')).toBeVisible();
  expect(await post.letter()).toContain('Mail from Carillon arrives');
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByRole('link', { name: 'Sofia Greco' }).click();
  await page.getByLabel('E-mail').fill('sofia@example.com');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Unsaved changes')).toBeHidden();
  await signOut(page);

  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('E-mail address').fill('sofia@example.com');
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByText('If somebody has this address, a link is on its way.')).toBeVisible();
  const letter = (await post.letter()).replace(/=\n/g, '');
  const [path] = /\/new-password#[0-9a-f]+/.exec(letter)!;
  await page.goto(mailing.url + path);
  await page.getByLabel('New password', { exact: true }).fill('short');
  await page.getByLabel('New password once more').fill('short');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByText('It has fewer than 8 characters, or more than 200.')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByLabel('New password', { exact: true }).fill('long enough');
  await page.getByLabel('New password once more').fill('long enough');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByText('Your new password is set.')).toBeVisible();
  await page.getByLabel('Login name').fill('sofia');
  await page.getByLabel('Password', { exact: true }).fill('long enough');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Live' })).toBeVisible();
  await signOut(page);

  await page.goto(mailing.url + path);
  await page.reload();
  await page.getByLabel('New password', { exact: true }).fill('another one');
  await page.getByLabel('New password once more').fill('another one');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByText('This link was used already, or is too old.')).toBeVisible();
  await page.getByRole('link', { name: 'Ask for another link' }).click();
  await expect(page.getByRole('button', { name: 'Send the link' })).toBeVisible();
});

test('A14: a site without a mail server says so where a link would be asked for, and in the settings', async ({ page, site }) => {
  await page.goto(`${site.server.url}/forgotten-password`);
  await expect(page.getByText('This site sends no mail. Ask an administrator for a new password.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send the link' })).toBeHidden();
  expect(await faultsInBoth(page)).toEqual([]);
  await signIn(page, site.server, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'Mail' }).click();
  await expect(page.getByText('No mail server is set')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await signOut(page);
});

test('Z2: one sees where one is signed in, and ends what one does not know', async ({ page, browser, site }) => {
  const other = await signedIn(browser, site.server, 'sofia');
  await signIn(page, site.server, 'sofia');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Where I am signed in…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Where I am signed in' });
  await expect(dialog.getByRole('listitem')).toHaveCount(2);
  await expect(dialog.getByText('This one')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await dialog.getByRole('button', { name: /^End the session from/ }).click();
  await expect(dialog.getByRole('listitem')).toHaveCount(1);
  expect((await other.request.get(`${site.server.url}/api/v1/me`)).status()).toBe(401);
  await other.close();
  await page.keyboard.press('Escape');
  await signOut(page);
});

test('Z2: a second factor is set up with an authenticator, asked for after the password, and taken off for whoever lost it', async ({ page, site }) => {
  await signIn(page, site.server, 'sofia');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Second factor…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Second factor' });
  await dialog.getByLabel('Password now').fill('not it');
  await dialog.getByRole('button', { name: 'Set up' }).click();
  await expect(dialog.getByText('This is not your password.')).toBeVisible();
  await dialog.getByLabel('Password now').fill('carillon-demo');
  await page.keyboard.press('Enter');
  const secret = (await dialog.getByTestId('secret').textContent())!;
  await expect(dialog.getByRole('img', { name: 'Code for the authenticator' })).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await dialog.getByLabel('Code', { exact: true }).fill('12345');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('The code is wrong, or was used already.')).toBeVisible();
  await dialog.getByLabel('Code', { exact: true }).fill(code(secret));
  await page.keyboard.press('Enter');
  const recovery = (await dialog.getByTestId('recovery').textContent())!.split('\n');
  expect(recovery).toHaveLength(10);
  expect(await faultsInBoth(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'I have kept them' }).click();
  await signOut(page);

  await signIn(page, site.server, 'sofia');
  await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.keyboard.type('12345');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('The code is wrong, or was used already. Wait for the next one.');
  await page.getByLabel('Code', { exact: true }).fill(code(secret, 1));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Live' })).toBeVisible();
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Second factor…' }).click();
  await expect(dialog.getByText('10 recovery codes are left.')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await dialog.getByLabel('Code', { exact: true }).fill(recovery[0]!);
  await dialog.getByRole('button', { name: 'New recovery codes' }).click();
  await expect(dialog.getByTestId('recovery')).not.toContainText(recovery[1]!);
  await dialog.getByRole('button', { name: 'I have kept them' }).click();
  await signOut(page);

  await signIn(page, site.server, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByRole('link', { name: 'Sofia Greco' }).click();
  await page.getByRole('button', { name: 'Take second factor off' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take second factor off' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Take second factor off' })).toBeHidden();
  await signOut(page);
  await signIn(page, site.server, 'sofia');
  await expect(page.getByRole('heading', { name: 'Live' })).toBeVisible();
  await signOut(page);
});

test('Z2 Z3: an administrator sees who is locked out, unlocks, and disables', async ({ page, browser, site }) => {
  const stranger = await browser.newContext();
  const enter = (password: string) => stranger.request.post(`${site.server.url}/api/v1/session`, { data: { login: 'dario', password } });
  for (let tried = 0; tried < 10; tried += 1) expect((await enter('guess')).status()).toBe(401);
  expect((await enter('carillon-demo')).status()).toBe(429);
  await signIn(page, site.server, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'People', exact: true }).click();
  const row = page.getByRole('row').filter({ hasText: 'dario' });
  await expect(row).toContainText('Locked');
  expect(await faultsInBoth(page)).toEqual([]);
  await row.getByRole('link').click();
  await expect(page.getByText('Locked from 127.0.0.1')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByText('Locked from 127.0.0.1')).toBeHidden();
  expect((await enter('carillon-demo')).status()).toBe(201);

  await page.getByLabel('Disabled').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Unsaved changes')).toBeHidden();
  expect((await stranger.request.get(`${site.server.url}/api/v1/me`)).status()).toBe(401);
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'People' }).click();
  await expect(row).toContainText('Disabled');
  await signOut(page);
  await page.getByLabel('Login name').fill('dario');
  await page.getByLabel('Password', { exact: true }).fill('carillon-demo');
  await page.keyboard.press('Enter');
  await expect(page.locator('form').getByRole('alert')).toHaveText('An administrator has disabled this account.');
  await stranger.close();
});

test('A10: whoever signs in within fifteen days of a password’s end is told, each time', async ({ page, site }) => {
  // As if the password were 80 days old: what the server says then is its own test.
  const ends = new Date(Date.now() + 10 * 86_400_000).toISOString();
  await page.route('**/api/v1/session', async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    const answer = await route.fetch();
    const session = (await answer.json()) as { me?: { password: object } };
    if (session.me) session.me.password = { must_change: false, expires_soon: true, expires_at: ends };
    return route.fulfill({ response: answer, json: session });
  });
  for (let time = 0; time < 2; time += 1) {
    await signIn(page, site.server, 'sofia');
    await expect(page.getByText(/^Your password runs out on/)).toBeVisible();
    expect(await faultsInBoth(page)).toEqual([]);
    await signOut(page);
    await page.reload();
  }
});

test('Z2: the sign-in page offers the site’s provider, and says why nobody came back signed in', async ({ page, site }) => {
  // As if the site had one: the way there and back is a test of the server's.
  await page.route('**/api/v1/session/ways', (route) => route.fulfill({ json: { mail: false, provider: 'Example' } }));
  await page.goto(`${site.server.url}/login#oidc_unknown`);
  await expect(page.getByRole('alert')).toHaveText('Nobody here has the account you signed in with. Ask an administrator.');
  await expect(page.getByRole('link', { name: 'Sign in with Example' })).toHaveAttribute('href', '/api/v1/session/oidc');
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByLabel('Login name').fill('sofia');
  await page.getByLabel('Password', { exact: true }).fill('carillon-demo');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Live' })).toBeVisible();
  await signOut(page);
});

test('Y7: an administrator sees how people sign in', async ({ page, site }) => {
  await signIn(page, site.server, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'Signing in' }).click();
  await expect(page.getByText('Off: 8 characters are enough')).toBeVisible();
  await expect(page.getByText('After 10 wrong passwords or codes, for 15 minutes')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await signOut(page);
});

test('Z3: a new agent is invited by mail; without a number of a range that is said; the list is exported', async ({ page, mailing, post }) => {
  await signIn(page, mailing, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByRole('link', { name: 'Add person' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Elena Riva');
  await page.getByLabel('Login name').fill('elena');
  await page.getByRole('textbox', { name: 'Password' }).fill('somebody else’s');
  await page.getByLabel('E-mail').fill('elena@example.com');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Give one: this site has no range of numbers.')).toBeVisible();
  await page.getByLabel('Extension').fill('209');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Invite by e-mail' }).click();
  await expect(page.getByText('The invitation is on its way.')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  const letter = (await post.letter()).replace(/=\n/g, '');
  expect(letter).toMatch(/\/new-password#[0-9a-f]{64}/);
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'People' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('users.csv');
  expect(readFileSync(await file.path(), 'utf8')).toMatch(/Elena Riva,elena,Agent,209/);
  await signOut(page);
});
