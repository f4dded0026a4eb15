import { choosePhone, expect, faults, faultsInBoth, signIn, signOut, test } from './desk';

test('B1: every page stands up to axe, in both colours', async ({ page, site }) => {
  const refused: string[] = [];
  page.on('console', (message) => message.text().includes('Content Security Policy') && refused.push(message.text()));
  await page.goto(`${site.server.url}/login`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(await faultsInBoth(page), 'login').toEqual([]);
  await signIn(page, site.server, 'anna');
  await page.getByRole('radio').first().waitFor({ state: 'attached' });
  expect(await faultsInBoth(page), 'phone').toEqual([]);
  await choosePhone(page, '1001');
  for (const path of ['/', '/calls', '/abandoned', '/recordings', '/calls/019aa000-0000-7000-8000-000000000000', '/nowhere']) {
    await page.goto(site.server.url + path);
    await page.getByTestId('state').waitFor();
    await page.locator('main [class*=skeleton], main .mantine-Skeleton-root').first().waitFor({ state: 'detached' });
    expect(await faultsInBoth(page), path).toEqual([]);
  }
  await page.getByRole('button', { name: 'Choose a pause' }).click();
  await page.getByRole('menuitem', { name: 'Lunch' }).waitFor();
  expect(await faultsInBoth(page), 'menu').toEqual([]);
  await page.keyboard.press('Escape');
  expect(refused).toEqual([]);
  await signOut(page);
});

test('axe can fail: a colour of the dark theme alone is found', async ({ page, site }) => {
  await page.goto(`${site.server.url}/login`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.evaluate(() => {
    const planted = document.body.appendChild(document.createElement('p'));
    planted.textContent = 'Hard to read';
    planted.style.cssText = 'color: light-dark(#111, #333); background: light-dark(#fff, #222)';
  });
  expect(await faultsInBoth(page)).toEqual([expect.stringMatching(/^dark: color-contrast: .*Hard to read/)]);
});

test('axe can fail: a planted fault is found', async ({ page, site }) => {
  await page.goto(`${site.server.url}/login`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<img src="/icon.svg">'));
  expect((await faults(page)).join()).toContain('image-alt');
});

test('B11: the language changes at once and stays', async ({ page, site }) => {
  await page.goto(`${site.server.url}/login`);
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitem', { name: 'Italiano' }).click();
  await expect(page.getByRole('button', { name: 'Accedi' })).toBeVisible();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'it');
  await expect(page.getByLabel('Nome utente')).toBeVisible();
});
