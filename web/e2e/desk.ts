import { test as base, type Page } from '@playwright/test';

import { Phone } from './phone';
import { Server } from './server';

interface Site {
  server: Server;
  /** Registered, on Anna's desk. */
  desk: Phone;
  /** Registered, and nobody's: it calls. */
  caller: Phone;
}

/** Tests with one server and two telephones a file. */
export const test = base.extend<object, { site: Site }>({
  site: [
    async ({}, use) => {
      const server = await Server.start();
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

/** The state the header shows. */
export function state(page: Page) {
  return page.getByTestId('state');
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
}
