import { expect, signedIn, signIn, signOut, test } from './desk';

test.use({ day: 'tabs' });

test('F2 F12: many tabs scroll in their strip, the one in view comes into view, and the name above the menu leads home', async ({ page, browser, site }) => {
  test.setTimeout(120_000);
  const sofia = await signedIn(browser, site.server, 'sofia');
  // A number that nobody has: each is a call, over at once.
  for (let calls = 0; calls < 8; calls += 1) {
    site.caller.dial(`sip:9999@${site.server.sip}`);
    await site.caller.next('CALL_CLOSED');
  }
  await expect.poll(async () => ((await (await sofia.request.get(`${site.server.url}/api/v1/calls?kind=internal`)).json()) as { items: unknown[] }).items.length).toBeGreaterThanOrEqual(8);
  await sofia.close();
  await page.setViewportSize({ width: 1100, height: 800 });
  await signIn(page, site.server, 'sofia');
  for (let at = 0; at < 8; at += 1) {
    await page.getByRole('link', { name: 'Voice calls' }).first().click();
    await page.getByRole('link', { name: /^Details of call/ }).nth(at).click();
    await expect(page.getByRole('button', { name: /^Close Call/ })).toHaveCount(at + 1);
  }
  const strip = page.getByRole('navigation', { name: 'Open work' });
  expect(await strip.evaluate((strip) => [strip.scrollWidth > strip.clientWidth, ['auto', 'scroll'].includes(getComputedStyle(strip).overflowX)])).toEqual([true, true]);
  const closes = page.getByRole('button', { name: /^Close Call/ });
  await expect(closes.last()).toBeInViewport();
  await expect(strip.getByRole('link', { name: 'Live' })).not.toBeInViewport({ ratio: 0.9 });
  await strip.hover();
  await page.mouse.wheel(-4000, 0);
  await expect(strip.getByRole('link', { name: 'Live' })).toBeInViewport({ ratio: 0.9 });
  // By the keyboard each is brought into view as it is reached.
  await closes.last().focus();
  await expect(closes.last()).toBeInViewport();
  await page.getByRole('link', { name: 'Home' }).click();
  await expect(page).toHaveURL(`${site.server.url}/`);
  await expect(page.getByRole('heading', { name: 'Live', exact: true })).toBeVisible();
  await expect(strip.getByRole('link', { name: 'Live' })).toBeInViewport({ ratio: 0.9 });
  await signOut(page);
});
