import { expect, choosePhone, signIn, test } from './desk';

// Pictures for people, not for comparison: SHOTS=folder draws them.
test.skip(!process.env.SHOTS, 'draws pictures only when told where');

for (const colours of ['light', 'dark'] as const) {
  test(`a tour, ${colours}`, async ({ page, browser, site }) => {
    test.setTimeout(150_000);
    const shot = (name: string) => page.screenshot({ path: `${process.env.SHOTS}/${name}-${colours}.png` });
    await page.emulateMedia({ colorScheme: colours });
    await page.goto(`${site.server.url}/login`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await shot('login');
    await signIn(page, site.server, 'anna');
    await page.getByRole('radio').first().waitFor({ state: 'attached' });
    await shot('telephone');
    await choosePhone(page, '1001');
    const other = await browser.newContext();
    await other.request.post(`${site.server.url}/api/v1/session`, { data: { login: 'sofia', password: 'carillon-demo' } });
    await other.request.post(`${site.server.url}/api/v1/demo/simulate`, { data: { calls: 10 } });
    const dock = page.getByTestId('dock');
    await expect(dock).toContainText('Answer on telephone', { timeout: 60_000 });
    await shot('offer');
    site.desk.answer();
    await expect(dock).toContainText('On a call');
    await expect(page.getByTestId('waiting-row').first()).toBeVisible({ timeout: 30_000 });
    await page.waitForTimeout(6000);
    await shot('dashboard');
    await dock.getByRole('button', { name: 'End' }).click();
    await expect(dock).toContainText('Wrap-up');
    await page.getByRole('link', { name: 'Voice calls' }).first().click();
    await page.getByRole('link', { name: /^Details of call/ }).first().waitFor();
    await shot('calls');
    await page.getByRole('link', { name: /^Details of call/ }).first().click();
    await page.getByText('Both sides hear each other').waitFor();
    await shot('call');
    await page.getByRole('link', { name: 'Recordings' }).first().click();
    await page.getByRole('button', { name: /^Listen/ }).first().click();
    await page.waitForTimeout(2500);
    await shot('recordings');
    await page.request.delete(`${site.server.url}/api/v1/session`);
    const supervisor = await other.newPage();
    await supervisor.emulateMedia({ colorScheme: colours });
    await supervisor.goto(site.server.url);
    await supervisor.getByTestId('agent-anna').waitFor();
    await supervisor.screenshot({ path: `${process.env.SHOTS}/supervisor-${colours}.png` });
    await other.close();
    await signIn(page, site.server, 'admin');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Sales' }).waitFor();
    await shot('settings');
    await page.getByRole('link', { name: 'Sales' }).click();
    await page.getByText('Anna Rossi').waitFor();
    await shot('queue');
    for (const kind of ['People', 'Telephones']) {
      await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: kind }).click();
      await page.getByRole('heading', { name: kind }).waitFor();
      await page.getByRole('row').nth(2).waitFor();
      await shot(kind.toLowerCase());
    }
    await page.request.delete(`${site.server.url}/api/v1/session`);
  });
}
