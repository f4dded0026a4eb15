import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type APIRequestContext, type Browser, type BrowserContext, type Page } from '@playwright/test';

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
/** What can differ from one theme to the other. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

function axe(page: Page): AxeBuilder {
  // No page has frames: what axe does for them costs a blank page each time.
  return new AxeBuilder({ page }).setLegacyMode();
}

async function found(looking: AxeBuilder): Promise<string[]> {
  const { violations } = await looking.analyze();
  return violations.map((fault) => `${fault.id}: ${fault.nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`);
}

/** What axe finds wrong with the page as it is now. */
export async function faults(page: Page): Promise<string[]> {
  return await found(axe(page).withTags(TAGS));
}

async function dress(page: Page, colours: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: colours, reducedMotion: 'reduce' });
  await page.locator(`html[data-mantine-color-scheme='${colours}']`).waitFor();
}

/** The same, with what the dark theme's colours do to it. */
export async function faultsInBoth(page: Page): Promise<string[]> {
  await dress(page, 'light');
  const light = await faults(page);
  await dress(page, 'dark');
  const dark = await found(axe(page).withRules(OF_COLOURS));
  await dress(page, 'light');
  return [...light, ...dark.map((fault) => `dark: ${fault}`)];
}

/** First step of signing in, by the keyboard alone. */
export async function signIn(page: Page, server: Pick<Server, 'url'>, login: string): Promise<void> {
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
  await page.getByTestId('connection').getByText('Connected').waitFor();
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

interface Kept {
  id: string;
  version: number;
  name?: string;
  login?: string;
  prefix?: string;
}

/** Changes what is set up: what is left out stays. */
export async function change(admin: APIRequestContext, url: string, which: (one: Kept) => boolean, settings: object): Promise<void> {
  const listed = (await (await admin.get(url)).json()) as { items: Kept[] } | Kept[];
  const { id } = (Array.isArray(listed) ? listed : listed.items).find(which)!;
  const { version } = (await (await admin.get(`${url}/${id}`)).json()) as Kept;
  const saved = await admin.put(`${url}/${id}`, { data: { version, ...settings } });
  expect(saved.status(), await saved.text()).toBe(200);
}
