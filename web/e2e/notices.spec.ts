import { expect, faultsInBoth, signedIn, signOut, startWork, state, test } from './desk';

test.use({ day: 'notices' });
test.describe.configure({ mode: 'serial' });

test('B10 AB8: a missed call and a note stand under the bell until they were seen, at every desktop', async ({ page, browser, site }) => {
  test.setTimeout(180_000);
  await startWork(page, site.server, 'anna', '1001');
  const bell = page.getByRole('button', { name: /^Notifications/ });
  await expect(page.getByTestId('unread')).toBeHidden();
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await site.desk.next('CALL_INCOMING');
  // Nobody answers within the offer's 15 seconds.
  await expect(page.getByTestId('unread')).toHaveText('1', { timeout: 60_000 });
  await bell.click();
  const list = page.getByTestId('notices');
  await expect(list.getByRole('listitem').first()).toContainText('You missed a call');
  await expect(list.getByRole('listitem').first()).toContainText('1002');
  expect(await faultsInBoth(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('unread')).toBeHidden();
  await expect(bell).toBeFocused();
  site.caller.hangUp();
  await expect(state(page)).toContainText('Ready', { timeout: 30_000 });

  const sofia = await signedIn(browser, site.server, 'sofia');
  const { agents } = (await (await sofia.request.get(`${site.server.url}/api/v1/targets`)).json()) as { agents: { login: string }[] };
  expect(agents.map((agent) => agent.login)).toContain('anna');
  const rows = (await (await sofia.request.get(`${site.server.url}/api/v1/agents`)).json()) as { id: string; login: string }[];
  const anna = rows.find((agent) => agent.login === 'anna')!;
  expect((await sofia.request.post(`${site.server.url}/api/v1/agents/${anna.id}/note`, { data: { text: 'Take the next one.' } })).status()).toBe(204);
  await expect(page.getByTestId('unread')).toHaveText('1');
  await bell.click();
  await expect(list.getByRole('listitem').first()).toContainText(/Note from Sofia.*Take the next one/);
  await page.keyboard.press('Escape');
  await sofia.close();
  await signOut(page);
});

test('F8 F9 F13: a tab says what is new of its call; closing one that is not disposed asks, and a note is not lost unasked', async ({ page, browser, site }) => {
  test.setTimeout(180_000);
  await startWork(page, site.server, 'anna', '1001');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await expect(page.getByTestId('dock')).toContainText('Answer on telephone 1001', { timeout: 60_000 });
  site.desk.answer();
  await expect(state(page)).toContainText('On a call');
  await page.getByTestId('dock').getByRole('button', { name: 'End' }).click();
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.getByRole('link', { name: 'Voice calls' }).first().click();
  await page.getByRole('link', { name: /^Details of call/ }).first().click();
  await expect(page.getByRole('button', { name: /^Close Call/ })).toBeVisible();
  await page.getByRole('link', { name: 'Dashboard' }).first().click();

  // A supervisor classes it: news of a call whose tab is not in view.
  const sofia = await signedIn(browser, site.server, 'sofia');
  const { items } = (await (await sofia.request.get(`${site.server.url}/api/v1/calls`)).json()) as { items: { id: string; talk_ms: number }[] };
  const call = items.find((one) => one.talk_ms > 0)!;
  const choices = (await (await sofia.request.get(`${site.server.url}/api/v1/dispositions`)).json()) as { id: string; parent?: string | null; queues: string[] }[];
  const leaf = choices.find((one) => !one.parent && (one.queues.length === 0 || one.queues.includes('sales')) && !choices.some((other) => other.parent === one.id))!;
  const tab = page.getByRole('navigation', { name: 'Open work' }).getByRole('link', { name: /^Call/ });
  await tab.click();
  await page.getByRole('button', { name: /^Close Call/ }).click();
  const asked = page.getByRole('dialog', { name: /^Close call/ });
  expect(await faultsInBoth(page)).toEqual([]);
  await asked.getByRole('button', { name: 'Close and dispose…' }).click();
  const form = page.getByRole('dialog', { name: /^Dispose call/ });
  await form.getByLabel('Note').fill('Wants an offer.');
  await page.keyboard.press('Escape');
  await expect(form.getByRole('alert')).toContainText('Leave without saving?');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await expect(form.getByLabel('Note')).toHaveValue('Wants an offer.');
  await page.keyboard.press('Escape');
  await form.getByRole('button', { name: 'Leave' }).click();
  await expect(form).toBeHidden();
  await page.getByRole('link', { name: 'Dashboard' }).first().click();
  expect((await sofia.request.put(`${site.server.url}/api/v1/calls/${call.id}/disposition`, { data: { disposition: leaf.id } })).status()).toBeLessThan(300);
  await expect(tab).toContainText('1 change');
  await tab.click();
  await expect(tab).not.toContainText('change');
  // It is disposed now: nothing is asked any more.
  await page.getByRole('button', { name: /^Close Call/ }).click();
  await expect(page).toHaveURL(/\/calls$/);
  await sofia.close();
  await signOut(page);
});
