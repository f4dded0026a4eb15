// Threat 5: a browser that is gone is sent nothing after half a minute. What stands in docs/FEATURES.md as Z1: the browser's own media.
import type { Page } from '@playwright/test';

import { happens, hears, openPhone } from './browser';
import { expect, test } from './desk';
import type { Phone } from './phone';

test.use({ day: 'webrtc' });
test.describe.configure({ mode: 'serial', timeout: 120_000 });

for (const codec of ['PCMU', 'G722', 'opus']) {
  test(`Z1: a browser calls a telephone in ${codec}, each hears the other and nothing else, keys come through both ways, a restart of ICE keeps the audio`, async ({ browser, site }) => {
    const page = await openPhone(browser, site.server, { name: '1003', hz: 900, codec });
    await page.evaluate(() => window.phone.call('1002'));
    await site.caller.next('CALL_INCOMING');
    site.caller.answer();
    await happens(page, 'talks');
    await eachHearsTheOther(page, site.caller);
    const agreed = await page.evaluate(() => window.phone.agreed());
    expect(agreed.codec).toBe(`audio/${codec}`);
    expect(agreed.cipher).toMatch(/AEAD_AES|AES_CM|AES128_CM/);

    await page.evaluate(() => window.phone.press('5'));
    await site.caller.next('CALL_DTMF_START');
    // Chromium plays a telephone event as the two tones of its key.
    site.caller.press('5');
    await expect
      .poll(async () => {
        const [low, high] = await page.evaluate(() => [window.phone.level(770), window.phone.level(1336)]);
        return (low ?? -200) > -45 && (high ?? -200) > -45;
      }, { timeout: 20_000, intervals: [40] })
      .toBe(true);

    const before = await page.evaluate(() => window.phone.theirIce());
    expect(await page.evaluate(() => window.phone.restart())).toBe(true);
    expect(await page.evaluate(() => window.phone.theirIce())).not.toBe(before);
    site.caller.forget();
    await eachHearsTheOther(page, site.caller);

    await page.evaluate(() => window.phone.hangUp());
    await site.caller.next('CALL_CLOSED');
    await page.context().close();
  });

  test(`Z1: a telephone calls a browser that takes ${codec} alone`, async ({ browser, site }) => {
    const page = await openPhone(browser, site.server, { name: '1003', hz: 900, codec });
    site.caller.dial(`sip:1003@${site.server.sip}`);
    await happens(page, 'rings');
    await page.evaluate(() => window.phone.answer());
    await happens(page, 'talks');
    await hears(page, 660);
    expect(await page.evaluate(() => window.phone.agreed())).toMatchObject({ codec: `audio/${codec}`, says: `audio/${codec}` });
    await eachHearsTheOther(page, site.caller);
    site.caller.hangUp();
    await happens(page, 'over');
    await page.context().close();
  });
}

/** The page hears 660 Hz and the telephone 900 Hz, and neither hears itself. */
async function eachHearsTheOther(page: Page, telephone: Phone): Promise<void> {
  await hears(page, 660);
  await telephone.hears(900);
  const [theirs, own] = await page.evaluate(() => [window.phone.level(660), window.phone.level(900)]);
  expect((theirs ?? 0) - (own ?? 0)).toBeGreaterThan(30);
  expect(telephone.level(660)).toBeLessThan(0.01);
}

test('Z1: a telephone calls a browser, and a browser that is killed is noticed within half a minute', async ({ browser, site }) => {
  const page = await openPhone(browser, site.server, { name: '1003', hz: 900 });
  site.caller.dial(`sip:1003@${site.server.sip}`);
  await happens(page, 'rings');
  await page.evaluate(() => window.phone.answer());
  await happens(page, 'talks');
  await hears(page, 660);
  await site.caller.hears(900);
  const killed = Date.now();
  await page.context().close();
  await site.caller.next('CALL_CLOSED');
  // The last check before the kill counts, and the telephone is told a moment later.
  expect(Date.now() - killed).toBeLessThan(32_000);
});
