// Whoever has no telephone at hand sees a day of the demo by one click.
import { expect, signIn, signOut, test } from './desk';

test.use({ day: 'simulate' });

test('G1 I1 K1: one click simulates callers: they move through the queues on the page, are listed, and play', async ({ page, site }) => {
  test.setTimeout(180_000);
  await signIn(page, site.server, 'sofia');
  await page.getByRole('button', { name: 'Simulate callers' }).click();
  await expect(page.getByText('Callers are on their way')).toBeVisible();
  await expect(page.getByTestId('waiting-row').first()).toBeVisible({ timeout: 30_000 });
  await expect(page.locator('tr[data-testid^="call-"]').first()).toBeVisible({ timeout: 30_000 });

  await page.getByRole('link', { name: 'Voice calls' }).first().click();
  const answered = page.getByRole('row').filter({ hasText: /Hung up/ });
  await expect(answered.filter({ hasText: 'Sales' }).first()).toBeVisible({ timeout: 90_000 });
  await expect(answered.filter({ hasText: 'Support' }).first()).toBeVisible({ timeout: 90_000 });

  await page.getByRole('link', { name: 'Recordings' }).first().click();
  await page.getByRole('button', { name: /^Listen to the recording of/ }).first().click();
  const player = page.getByTestId('player');
  await expect(player.getByTestId('player-clock')).not.toContainText('00:00 /');
  await signOut(page);
});
