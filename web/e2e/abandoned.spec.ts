import type { Page } from '@playwright/test';

import { expect, faultsInBoth, signIn, signOut, startWork, test } from './desk';
import { Phone } from './phone';

test.use({ day: 'abandoned' });
test.describe.configure({ mode: 'serial' });

test('J1 J2 J3 J4 J5 J11 J12: a caller who gave up shows at once; of two who reserve one wins; the number dials for who has it', async ({ page, browser, site }) => {
  test.setTimeout(150_000);
  const third = await Phone.register('1003', site.server.sip, 880);
  await startWork(page, site.server, 'anna', '1001');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByRole('link', { name: 'Abandoned calls' }).first().click();
  await expect(page.getByText('Nobody is waiting to be called back')).toBeVisible();
  const other = await browser.newContext();
  const bruno = await other.newPage();
  await startWork(bruno, site.server, 'bruno', '1003');
  await bruno.getByRole('button', { name: 'Pause', exact: true }).click();
  await bruno.getByRole('link', { name: 'Abandoned calls' }).first().click();

  site.caller.dial(`sip:5001@${site.server.sip}`);
  await expect(bruno.getByRole('link', { name: 'Dashboard' }).first()).toContainText('1', { timeout: 40_000 });
  site.caller.hangUp();
  // Without a reload, for both.
  const row = (desk: typeof page) => desk.getByRole('row').filter({ hasText: '1002' });
  await expect(row(page)).toContainText('Sales');
  await expect(row(bruno)).toBeVisible();
  await expect(row(page).getByRole('button', { name: '1002' })).toHaveCount(0);
  expect(await faultsInBoth(page)).toEqual([]);

  const mine = row(page).getByRole('switch');
  const his = row(bruno).getByRole('switch');
  await Promise.all([mine.click(), his.click()]);
  // Both see the same holder; whoever lost is told the name.
  await expect(mine).toHaveAttribute('aria-checked', 'true');
  await expect(his).toHaveAttribute('aria-checked', 'true');
  await expect.poll(async () => (await mine.isEnabled()) !== (await his.isEnabled())).toBe(true);
  const annaWon = await mine.isEnabled();
  const [holder, loser, switchOfLoser, name] = annaWon ? [page, bruno, his, 'Anna Rossi'] : [bruno, page, mine, 'Bruno Conti'];
  await expect(switchOfLoser).toBeDisabled();
  await expect(row(loser)).toContainText(name);
  await expect(row(loser).getByRole('button', { name: '1002' })).toHaveCount(0);

  // Anna is the one to call back, by the keyboard.
  if (!annaWon) {
    await his.click();
    await expect(mine).toBeEnabled();
    await mine.focus();
    await page.keyboard.press('Space');
    await expect(his).toBeDisabled();
  }
  await expect(holder.getByRole('heading', { name: 'Abandoned calls' })).toBeVisible();
  await row(page).getByRole('button', { name: '1002' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Call' }).click();
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await site.caller.next('CALL_INCOMING');
  site.caller.answer();
  await expect(page.getByTestId('dock')).toContainText('On a call');
  await page.getByTestId('dock').getByRole('button', { name: 'End' }).click();
  await expect(row(bruno)).toContainText('Reached');
  await expect(row(page)).toContainText('Reached');
  await row(page).getByRole('switch').click();
  await expect(his).toBeEnabled();

  await signOut(page);
  await signOut(bruno);
  // A supervisor sees who had it.
  await signIn(page, site.server, 'sofia');
  await page.getByRole('link', { name: 'Abandoned calls' }).first().click();
  await expect(row(page)).toContainText('Anna Rossi');
  await expect(row(page).getByRole('switch')).toBeDisabled();
  await other.close();
  await third.stop();
});

/** Both press the switch at the same moment of the clock they share. */
async function pressAtOnce(...desks: Page[]): Promise<void> {
  const at = Date.now() + 60;
  await Promise.all(
    desks.map((desk) =>
      desk.evaluate(
        (at) =>
          new Promise<void>((resolve) => {
            const press = () => {
              document.querySelector<HTMLElement>('[role=row] [role=switch]')?.click();
              resolve();
            };
            setTimeout(press, at - Date.now());
          }),
        at,
      ),
    ),
  );
}

test('J11: two browsers reserve one call at the same moment, a hundred times: one wins each time, the other is told who', async ({ page, browser, site }) => {
  test.setTimeout(300_000);
  const third = await Phone.register('1003', site.server.sip, 880);
  await startWork(page, site.server, 'anna', '1001');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByRole('link', { name: 'Abandoned calls' }).first().click();
  const other = await browser.newContext();
  const bruno = await other.newPage();
  await startWork(bruno, site.server, 'bruno', '1003');
  await bruno.getByRole('button', { name: 'Pause', exact: true }).click();
  await bruno.getByRole('link', { name: 'Abandoned calls' }).first().click();
  const desks = [
    { page, name: 'Anna Rossi', of: page.getByRole('row').filter({ hasText: '1002' }) },
    { page: bruno, name: 'Bruno Conti', of: bruno.getByRole('row').filter({ hasText: '1002' }) },
  ];
  await expect(desks[0]!.of.getByRole('switch')).toBeEnabled();
  const wins: Record<string, number> = {};
  let refusals = 0;
  for (let round = 0; round < 100; round += 1) {
    for (const { of } of desks) {
      await expect(of.getByRole('switch')).toHaveAttribute('aria-checked', 'false');
      await expect(of.getByRole('switch')).toBeEnabled();
    }
    await pressAtOnce(page, bruno);
    for (const { of } of desks) await expect(of.getByRole('switch')).toHaveAttribute('aria-checked', 'true');
    await expect.poll(async () => Promise.all(desks.map(({ of }) => of.getByRole('switch').isEnabled())), `round ${round}`).toContain(false);
    const enabled = await Promise.all(desks.map(({ of }) => of.getByRole('switch').isEnabled()));
    expect(enabled.filter(Boolean), `round ${round}: one has it`).toHaveLength(1);
    const [winner, loser] = enabled[0] ? [desks[0]!, desks[1]!] : [desks[1]!, desks[0]!];
    wins[winner.name] = (wins[winner.name] ?? 0) + 1;
    await expect(loser.of, `round ${round}: told who`).toContainText(winner.name);
    const refused = loser.page.getByText(`${winner.name} has just reserved this call.`);
    for (const notice of await refused.all()) {
      refusals += 1;
      await loser.page.locator('.mantine-Notification-root').filter({ has: notice }).getByRole('button').click();
    }
    await expect(winner.page.locator('.mantine-Notification-root'), 'who wins is refused nothing').toHaveCount(0);
    await winner.of.getByRole('switch').click();
  }
  expect(refusals, 'some asked at the very same moment and were refused').toBeGreaterThan(0);
  expect(Object.values(wins).reduce((sum, count) => sum + count, 0)).toBe(100);
  await signOut(page);
  await signOut(bruno);
  await other.close();
  await third.stop();
});
