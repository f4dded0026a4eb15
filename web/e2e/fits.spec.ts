// B11: in either language every label, field and button is whole at 1280 pixels, the words are of that language, and the tab says which page it is.
import { expect, test as base } from '@playwright/test';

import { Server } from './server';

const test = base.extend<object, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await Server.start('fits');
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
});

const SETTINGS = ['queues', 'trunks', 'routes', 'dispositions', 'sounds', 'users', 'phones', 'pauses', 'accounts', 'mail', 'api-keys', 'audit'];
const PAGES = ['/', '/calls', '/abandoned', '/recordings', ...SETTINGS.map((kind) => `/settings/${kind}`), ...['queues', 'trunks', 'routes', 'dispositions', 'users', 'phones', 'pauses'].map((kind) => `/settings/${kind}/new`)];

/** Labels, fields and buttons whose words do not fit them. Cells of lists may: their whole text is shown when pointed at. */
function cut(): string[] {
  const found: string[] = [];
  const pen = document.createElement('canvas').getContext('2d')!;
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.sr-only, [role=cell]')) continue;
    const style = getComputedStyle(element);
    if (element instanceof HTMLSelectElement || (element instanceof HTMLInputElement && ['text', 'search'].includes(element.type))) {
      const text = element instanceof HTMLSelectElement ? element.selectedOptions[0]?.textContent : element.value || element.placeholder;
      pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const room = element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      if (text && pen.measureText(text).width > room + 1) found.push(text);
      continue;
    }
    const says = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (says && /hidden|clip/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1) found.push(element.textContent.trim());
  }
  return found;
}

for (const language of ['en', 'it']) {
  test(`every page fits in ${language}`, async ({ browser, server }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: language });
    await context.addInitScript((language) => localStorage.setItem('carillon.language', language), language);
    expect((await context.request.post(`${server.url}/api/v1/session`, { data: { login: 'admin', password: 'carillon-demo' } })).status()).toBe(201);
    const page = await context.newPage();
    for (const path of PAGES) {
      await page.goto(server.url + path);
      await page.locator('main h1, main form').first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      await expect.poll(() => page.evaluate(cut), { message: path }).toEqual([]);
      await expect(page).toHaveTitle(/\S · Carillon$/);
    }
    // What is done to prompts is in view without scrolling aside.
    await page.goto(`${server.url}/settings/sounds`);
    await expect(page.getByRole('button', { name: language === 'it' ? /^Sostituisci/ : /^Replace/ }).first()).toBeInViewport({ ratio: 1 });
    await context.close();
  });
}
