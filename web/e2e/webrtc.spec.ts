// Threat 5: a browser that is gone is sent nothing after half a minute. What stands in docs/FEATURES.md as Z1: the browser's own media.
import { chromium, type Page } from '@playwright/test';

import { args } from '../playwright.config';
import { happens, hears, openPhone } from './browser';
import { expect, signedIn, test as base } from './desk';
import type { Phone } from './phone';
import { Server } from './server';
import { Softphone } from './softphone';

const test = base.extend<object, { telephones: Record<'PJSIP' | 'baresip', Softphone | Phone> }>({
  telephones: [
    async ({ site }, use) => {
      const pjsip = await Softphone.register('1004', site.server.sip, 660);
      await use({ PJSIP: pjsip, baresip: site.caller });
      await pjsip.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

test.use({ day: 'webrtc' });
test.describe.configure({ mode: 'serial', timeout: 120_000 });

for (const kind of ['PJSIP', 'baresip'] as const) {
  for (const codec of ['PCMU', 'G722', 'opus']) {
    test(`Z1: a browser calls ${kind} in ${codec}, each hears the other and nothing else, keys come through both ways, a restart of ICE keeps the audio`, async ({ browser, site, telephones }) => {
      const telephone = telephones[kind];
      const page = await openPhone(browser, site.server, { name: '1003', hz: 900, codec });
      await page.evaluate((number) => window.phone.call(number), telephone.name);
      await telephone.rings();
      telephone.answer();
      await happens(page, 'talks');
      await eachHearsTheOther(page, telephone);
      const agreed = await page.evaluate(() => window.phone.agreed());
      expect(agreed.codec).toBe(`audio/${codec}`);
      expect(agreed.cipher).toMatch(/AEAD_AES|AES_CM|AES128_CM/);

      await page.evaluate(() => window.phone.press('5'));
      await telephone.isPressed();
      await page.evaluate(() => window.phone.listenForKey());
      telephone.press('5');
      // Chromium plays a telephone event as the two tones of its key.
      await expect.poll(() => page.evaluate(() => window.phone.heardKey()), { timeout: 20_000 }).toBe(true);

      const before = await page.evaluate(() => window.phone.theirIce());
      expect(await page.evaluate(() => window.phone.restart())).toBe(true);
      expect(await page.evaluate(() => window.phone.theirIce())).not.toBe(before);
      telephone.forget();
      await eachHearsTheOther(page, telephone);

      await page.evaluate(() => window.phone.hangUp());
      await telephone.isOver();
      await page.context().close();
    });

    test(`Z1: ${kind} calls a browser that takes ${codec} alone`, async ({ browser, site, telephones }) => {
      const telephone = telephones[kind];
      const page = await openPhone(browser, site.server, { name: '1003', hz: 900, codec });
      telephone.dial(`sip:1003@${site.server.sip}`);
      await happens(page, 'rings');
      await page.evaluate(() => window.phone.answer());
      await happens(page, 'talks');
      await hears(page, 660);
      expect(await page.evaluate(() => window.phone.agreed())).toMatchObject({ codec: `audio/${codec}`, says: `audio/${codec}` });
      await eachHearsTheOther(page, telephone);
      telephone.hangUp();
      await happens(page, 'over');
      await telephone.isOver();
      await page.context().close();
    });
  }
}

/** The page hears 660 Hz and the telephone 900 Hz, and neither hears itself. */
async function eachHearsTheOther(page: Page, telephone: Phone | Softphone): Promise<void> {
  await hears(page, 660);
  await telephone.hears(900);
  const [theirs, own] = await page.evaluate(() => [window.phone.level(660), window.phone.level(900)]);
  expect((theirs ?? 0) - (own ?? 0)).toBeGreaterThan(30);
  expect(telephone.level(660)).toBeLessThan(0.01);
}

test('Z1: two browsers of IPv6 alone hear each other', async ({ browser }) => {
  const server = await Server.start('webrtc6', '--http', '[::1]:0', '--sip', '[::1]:0');
  const [caller, callee] = [await openPhone(browser, server, { name: '1003', hz: 900 }), await openPhone(browser, server, { name: '1004', hz: 660 })];
  await caller.evaluate(() => window.phone.call('1004'));
  await happens(callee, 'rings');
  await callee.evaluate(() => window.phone.answer());
  await happens(caller, 'talks');
  for (const [page, theirs, own] of [[caller, 660, 900], [callee, 900, 660]] as const) {
    await hears(page, theirs);
    // Both browsers share this machine's processors: a frame that one of them makes late is heard as a click, in every tone a little.
    const [heard, echo] = await page.evaluate(([theirs, own]) => [window.phone.level(theirs), window.phone.level(own)], [theirs, own] as const);
    expect((heard ?? 0) - (echo ?? 0)).toBeGreaterThan(20);
    expect(await page.evaluate(() => window.phone.theirAddress())).toBe('::1');
  }
  await caller.evaluate(() => window.phone.hangUp());
  await happens(callee, 'over');
  await Promise.all([caller.context().close(), callee.context().close()]);
  await server.stop();
});

test('Z1: a telephone calls a browser, and a browser that is killed is noticed within half a minute', async ({ browser, site, telephones }) => {
  const telephone = telephones.PJSIP;
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const doomed = await chromium.launchServer({ executablePath, args });
  const page = await openPhone(await chromium.connect(doomed.wsEndpoint()), site.server, { name: '1003', hz: 900 });
  telephone.dial(`sip:1003@${site.server.sip}`);
  await happens(page, 'rings');
  await page.evaluate(() => window.phone.answer());
  await happens(page, 'talks');
  await hears(page, 660);
  await telephone.hears(900);
  const killed = Date.now();
  // Closed by its own means it would say goodbye.
  doomed.process().kill('SIGKILL');
  await telephone.isOver();
  // The last check before the kill counts, and the telephone is told a moment later.
  const took = Date.now() - killed;
  expect(took).toBeGreaterThan(10_000);
  expect(took).toBeLessThan(32_000);
  const admin = await signedIn(browser, site.server, 'admin');
  const calls = (await (await admin.request.get(`${site.server.url}/api/v1/calls?limit=1`)).json()) as { items: { id: string }[] };
  const details = (await (await admin.request.get(`${site.server.url}/api/v1/calls/${calls.items[0]?.id ?? ''}`)).json()) as {
    record: { ending: { reason: string } };
  };
  expect(details.record.ending.reason).toBe('media_timeout');
  await admin.close();
});
