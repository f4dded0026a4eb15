import { resolve } from 'node:path';

import { expect, type Browser, type Page } from '@playwright/test';
import { build } from 'vite';

import type { BrowserPhone, Line } from './browser/phone';
import type { Server } from './server';

declare global {
  interface Window {
    Carillon: { BrowserPhone: typeof BrowserPhone };
    phone: BrowserPhone;
  }
}

let bundle: Promise<string> | undefined;

/** The page's program, with JsSIP in it. */
function program(): Promise<string> {
  bundle ??= build({
    configFile: false,
    logLevel: 'error',
    define: { global: 'globalThis' },
    build: { write: false, lib: { entry: resolve(import.meta.dirname, 'browser/phone.ts'), formats: ['iife'], name: 'Carillon' } },
  }).then((built) => {
    const [output] = Array.isArray(built) ? built : [built];
    const chunk = output && 'output' in output ? output.output.find((part) => part.type === 'chunk') : undefined;
    if (!chunk || chunk.type !== 'chunk') throw new Error('the page was not built');
    return chunk.code;
  });
  return bundle;
}

/** A telephone in Chromium, registered. Close its page and it is gone as if it had been killed. */
export async function openPhone(browser: Browser, server: Server, line: Omit<Line, 'server'>): Promise<Page> {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.goto(`${server.url}/login`);
  await page.addScriptTag({ content: await program() });
  await page.evaluate((line) => {
    window.phone = new window.Carillon.BrowserPhone(line);
  }, { ...line, server: server.url.replace('http://', '') });
  await happens(page, 'registered');
  return page;
}

/** Waits until it was told so, once more than `before`. */
export async function happens(page: Page, news: string, before = 0): Promise<void> {
  await expect
    .poll(async () => (await page.evaluate(() => window.phone.news)).filter((told) => told === news).length, { timeout: 45_000 })
    .toBeGreaterThan(before);
}

/** Waits until the tone is the loudest of what the page hears. */
export async function hears(page: Page, hz: number): Promise<void> {
  await expect.poll(async () => {
    const { hz: heard, db } = await page.evaluate(() => window.phone.hears());
    return Math.abs(heard - hz) < 12 && db > -40 ? 'it' : `${heard.toFixed(0)} Hz at ${db.toFixed(0)} dB`;
  }, { timeout: 20_000 }).toBe('it');
}
