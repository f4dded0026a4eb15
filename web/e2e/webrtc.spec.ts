// Threat 5: a browser that is gone is sent nothing after half a minute. What stands in docs/FEATURES.md as Z1: the browser's own media.
import { happens, hears, openPhone } from './browser';
import { expect, test } from './desk';

test.use({ day: 'webrtc' });
test.describe.configure({ mode: 'serial', timeout: 120_000 });

for (const codec of ['PCMU', 'G722', 'opus']) {
  test(`Z1: a browser calls a telephone in ${codec}, each hears the other, keys come through, a restart of ICE keeps the audio`, async ({ browser, site }) => {
    const page = await openPhone(browser, site.server, { name: '1003', hz: 900, codec });
    await page.evaluate(() => window.phone.call('1002'));
    await site.caller.next('CALL_INCOMING');
    site.caller.answer();
    await happens(page, 'talks');
    await hears(page, 660);
    await site.caller.hears(900);
    const agreed = await page.evaluate(() => window.phone.agreed());
    expect(agreed.codec).toBe(`audio/${codec}`);
    expect(agreed.cipher).toMatch(/AEAD_AES|AES_CM|AES128_CM/);

    await page.evaluate(() => window.phone.press('5'));
    await site.caller.next('CALL_DTMF_START');

    const before = await page.evaluate(() => window.phone.theirIce());
    expect(await page.evaluate(() => window.phone.restart())).toBe(true);
    expect(await page.evaluate(() => window.phone.theirIce())).not.toBe(before);
    site.caller.forget();
    await hears(page, 660);
    await site.caller.hears(900);

    await page.evaluate(() => window.phone.hangUp());
    await site.caller.next('CALL_CLOSED');
    await page.context().close();
  });
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
