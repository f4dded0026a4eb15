import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Browser, type BrowserContext, type Page } from '@playwright/test';

import { Phone } from './phone';
import { Server } from './server';

interface Site {
  server: Server;
  /** Registered, on Anna's desk. */
  desk: Phone;
  /** Registered, and nobody's: it calls. */
  caller: Phone;
}

/** Tests with a server and two telephones. Files that name a `day` of their own begin with nothing behind them. */
export const test = base.extend<object, { day: string; site: Site }>({
  day: ['any', { scope: 'worker', option: true }],
  site: [
    async ({ day }, use) => {
      const server = await Server.start(day);
      const desk = await Phone.register('1001', server.sip, 440);
      const caller = await Phone.register('1002', server.sip, 660);
      await use({ server, desk, caller });
      await Promise.all([desk.stop(), caller.stop()]);
      await server.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

export { expect } from '@playwright/test';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe finds wrong with the page as it is now. */
export async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  return violations.map((fault) => `${fault.id}: ${fault.nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`);
}

/** The same in the light theme and in the dark one. */
export async function faultsInBoth(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colours of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: colours, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme='${colours}']`).waitFor();
    found.push(...(await faults(page)).map((fault) => `${colours}: ${fault}`));
  }
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}

/** First step of signing in, by the keyboard alone. */
export async function signIn(page: Page, server: Server, login: string): Promise<void> {
  await page.goto(`${server.url}/login`);
  await page.getByLabel('Login name').fill(login);
  await page.keyboard.press('Tab');
  await page.keyboard.type('carillon-demo');
  await page.keyboard.press('Enter');
}

/** Both steps; the agent is ready for calls then. */
export async function startWork(page: Page, server: Server, login: string, phone: string): Promise<void> {
  await signIn(page, server, login);
  await choosePhone(page, phone);
}

/** Second step. */
export async function choosePhone(page: Page, phone: string): Promise<void> {
  await page.getByText(phone, { exact: true }).click();
  await page.getByRole('button', { name: 'Start work' }).click();
  await page.getByTestId('connection').getByText('Live').waitFor();
}

/** A colleague's requests, without a page. */
export async function signedIn(browser: Browser, server: Server, login: string, password = 'carillon-demo'): Promise<BrowserContext> {
  const context = await browser.newContext();
  const answer = await context.request.post(`${server.url}/api/v1/session`, { data: { login, password } });
  expect(answer.status()).toBe(201);
  return context;
}

/** The state the header shows. */
export function state(page: Page) {
  return page.getByTestId('state');
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
}
