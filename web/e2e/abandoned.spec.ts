import { expect, faultsInBoth, signIn, signOut, startWork, test } from './desk';
import { Phone } from './phone';

test.use({ day: 'abandoned' });

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
