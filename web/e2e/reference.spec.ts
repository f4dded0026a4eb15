import { expect, test } from './desk';

test('the API reference is drawn from here alone, and agents load none of it', async ({ page, site }) => {
  const foreign: string[] = [];
  const refused: string[] = [];
  const loaded: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(site.server.url) && !/^(data|blob):/.test(url)) foreign.push(url);
    loaded.push(url);
  });
  page.on('console', (message) => message.text().includes('Content Security Policy') && refused.push(message.text()));
  page.on('pageerror', (error) => refused.push(String(error)));
  await page.goto(`${site.server.url}/api/docs`);
  await expect(page.getByRole('heading', { name: 'Carillon', exact: true }).first()).toBeVisible();
  // Operations, from the server's own description.
  await page.getByRole('link', { name: 'recordings', exact: true }).click();
  await expect(page.getByText('/api/v1/recordings').first()).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(loaded.some((url) => url.endsWith('/api/v1/openapi.json'))).toBe(true);
  const drawn = await page.evaluate(() => getComputedStyle(document.querySelector('#reference > *') ?? document.body).getPropertyValue('--scalar-background-1'));
  expect(drawn, 'the style sheet is in force').not.toBe('');
  expect(foreign).toEqual([]);
  expect(refused).toEqual([]);

  loaded.length = 0;
  await page.goto(`${site.server.url}/login`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.waitForLoadState('networkidle');
  expect(loaded.filter((url) => /reference|scalar/i.test(url))).toEqual([]);
});
