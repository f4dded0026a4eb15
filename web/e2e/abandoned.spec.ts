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

/** Runs in the page: waits until the call is free, presses its switch at a moment, and says who has it then; the holder frees it when told. */
function reserveAt(at: number): Promise<{ mine: boolean; holder: string }> {
  const pressed = () => document.querySelector<HTMLButtonElement>('[role=row] [role=switch]');
  const until = <T,>(look: () => T | undefined) =>
    new Promise<T>((resolve) => {
      const again = () => {
        const found = look();
        if (found === undefined) setTimeout(again, 5);
        else resolve(found);
      };
      again();
    });
  return new Promise((resolve) =>
    setTimeout(() => {
      pressed()?.click();
      void until(() => {
        const now = pressed();
        if (now?.getAttribute('aria-checked') !== 'true') return undefined;
        // A colleague's is not ours to press, and says whose it is.
        return now.disabled ? (now.title ? { mine: false, holder: now.title } : undefined) : { mine: true, holder: '' };
      }).then(resolve);
    }, at - Date.now()),
  );
}

/** Runs in the page: waits until anybody may press the switch. */
function isFree(): boolean {
  const now = document.querySelector<HTMLButtonElement>('[role=row] [role=switch]');
  return now?.getAttribute('aria-checked') === 'false' && !now.disabled;
}

test('J11: two browsers reserve one call at the same moment, a hundred times: one wins each time, the other is told who', async ({ page, browser, site }) => {
  test.setTimeout(240_000);
  const third = await Phone.register('1003', site.server.sip, 880);
  const other = await browser.newContext();
  const desks = [
    { page, name: 'Anna Rossi', login: 'anna', phone: '1001' },
    { page: await other.newPage(), name: 'Bruno Conti', login: 'bruno', phone: '1003' },
  ] as const;
  for (const { page, login, phone } of desks) {
    await startWork(page, site.server, login, phone);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('link', { name: 'Abandoned calls' }).first().click();
  }
  const won = [0, 0];
  for (let round = 0; round < 100; round += 1) {
    await Promise.all(desks.map(({ page }) => page.waitForFunction(isFree, null, { polling: 10 })));
    const at = Date.now() + 50;
    const seen = await Promise.all(desks.map(({ page }) => page.evaluate(reserveAt, at)));
    expect(seen.filter(({ mine }) => mine), `round ${round}: one has it`).toHaveLength(1);
    const winner = seen[0]!.mine ? 0 : 1;
    expect(seen[1 - winner]!.holder, `round ${round}: the other is told who`).toBe(desks[winner].name);
    won[winner]! += 1;
    await desks[winner].page.getByRole('row').getByRole('switch').first().click();
  }
  expect(won[0]! + won[1]!).toBe(100);
  // Whoever asked at the very same moment was refused in words.
  const refused = await Promise.all(desks.map(({ page }) => page.getByText('has just reserved this call.').count()));
  expect(refused[0]! + refused[1]!, 'nobody was refused: they never asked at once').toBeGreaterThan(0);
  for (const { page } of desks) {
    await page.reload();
    await signOut(page);
  }
  await other.close();
  await third.stop();
});
