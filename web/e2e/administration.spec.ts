import { readFileSync } from 'node:fs';

import { expect, faultsInBoth, signedIn, signIn, signOut, startWork, test } from './desk';
import { Phone } from './phone';
import { samples, share, tone } from './sound';

test.use({ day: 'administration' });

test('prompts and music: uploaded, heard by the next caller, in place of the dialplan’s own until removed; what cannot be played says why', async ({ page, browser, site }) => {
  test.setTimeout(240_000);
  await signIn(page, site.server, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'Prompts and music' }).click();
  const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('cell', { name, exact: true }) });
  await expect(row('hold')).toContainText(/Music.*The dialplan.*Sales, Support/s);
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('button', { name: 'Replace hold' }).click();
  const dialog = page.getByRole('dialog', { name: 'Upload' });
  await expect(dialog.getByLabel('Name')).toBeDisabled();
  expect(await faultsInBoth(page)).toEqual([]);
  const give = (name: string, buffer: Buffer) => dialog.locator('input[type=file]').setInputFiles({ name, mimeType: 'audio/wav', buffer });
  await give('song.mp3', Buffer.from('ID3 and no music'));
  await dialog.getByRole('button', { name: 'Upload' }).click();
  await expect(dialog.getByRole('alert')).toHaveText('This is packed audio, such as MP3: convert it to WAV first.');
  await give('silence.wav', tone(0, 1));
  await dialog.getByRole('button', { name: 'Upload' }).click();
  await expect(dialog.getByRole('alert')).toHaveText('It is silent from beginning to end.');
  await give('tone.wav', tone(900, 4));
  await dialog.getByRole('button', { name: 'Upload' }).click();
  await expect(dialog).toBeHidden();
  await expect(row('hold')).toContainText(/Uploaded/);
  // It can be heard in the page: the file is what telephones are played.
  const kept = await page.request.get(`${site.server.url}/api/v1/sounds/music/hold/audio`);
  expect(share(samples(await kept.body()).subarray(0, 3200), 900)).toBeGreaterThan(0.1);
  const audio = row('hold').locator('audio');
  await audio.evaluate((element: HTMLAudioElement) => element.play());
  await expect.poll(() => audio.evaluate((element: HTMLAudioElement) => element.currentTime)).toBeGreaterThan(0);

  // Nobody works in Sales; Bruno will not answer: the caller hears the music.
  const bruno = await Phone.register('1003', site.server.sip, 880);
  const desk = await signedIn(browser, site.server, 'bruno');
  expect((await desk.request.put(`${site.server.url}/api/v1/session/phone`, { data: { phone: '1003' } })).status()).toBe(200);
  expect((await desk.request.post(`${site.server.url}/api/v1/me/pause`, { data: {} })).status()).toBe(200);
  site.caller.dial(`sip:5002@${site.server.sip}`);
  await site.caller.hears(900);
  site.caller.hangUp();
  await desk.request.delete(`${site.server.url}/api/v1/session`);
  await desk.close();
  await bruno.stop();

  await page.getByRole('button', { name: 'Remove hold' }).click();
  await page.getByRole('dialog', { name: 'Remove hold?' }).waitFor();
  expect(await faultsInBoth(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(row('hold')).toContainText('The dialplan');
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'hold' }).or(page.getByRole('row').filter({ hasText: 'Prompt or music' })).first()).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  expect(readFileSync(await (await download).path(), 'utf8')).toContain('Prompt or music');
  await signOut(page);
});

test('Y3: a telephone says why it does not register, and is set up by a code that works once', async ({ page, browser, site }) => {
  test.setTimeout(240_000);
  await signIn(page, site.server, 'admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'Telephones' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Desk 6' });
  await expect(row).toContainText('Not registered');
  await page.getByRole('link', { name: '1006' }).click();
  await page.getByRole('button', { name: 'Show settings…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set up the telephone' });
  await expect(dialog).toContainText('gets a new password');
  expect(await faultsInBoth(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Make a new password' }).click();
  const told = (await dialog.getByTestId('provisioning').textContent()) ?? '';
  expect(told).toContain('User name: 1006');
  expect(told).toContain(`Registrar: ${site.server.sip} (UDP)`);
  await expect(dialog.getByRole('img', { name: 'Code with the address of the settings' })).toBeVisible();
  expect(await dialog.getByRole('img', { name: 'Code with the address of the settings' }).evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  expect(await faultsInBoth(page)).toEqual([]);
  const address = (await dialog.getByLabel('Address of the settings').textContent()) ?? '';
  const softphone = await browser.newContext();
  const settings = await softphone.request.get(address);
  expect(settings.status()).toBe(200);
  const password = /name="passwd"[^>]*>([^<]+)</.exec(await settings.text())?.[1] ?? '';
  expect(told).toContain(`Password: ${password}`);
  expect((await softphone.request.get(address)).status()).toBe(404);
  await softphone.close();
  await dialog.getByRole('button', { name: 'Done' }).click();

  // It still tries with the password it had.
  const old = await Phone.tries('1006', site.server.sip);
  await page.goto(`${site.server.url}/settings/phones`);
  await expect(row).toContainText('Wrong password from 127.0.0.1', { timeout: 20_000 });
  expect(await faultsInBoth(page)).toEqual([]);
  await old.stop();
  await signOut(page);
});

test('F3 F4 F5 B13 Y1: what is taken from an agent is gone from the page at once, as the preview said', async ({ page, browser, site }) => {
  test.setTimeout(240_000);
  await startWork(page, site.server, 'anna', '1001');
  const rail = page.getByRole('navigation').first();
  await expect(rail.getByRole('link', { name: 'Recordings' })).toBeVisible();
  const admin = await signedIn(browser, site.server, 'admin');
  const people = await admin.newPage();
  await people.goto(`${site.server.url}/settings/users`);
  await people.getByRole('link', { name: 'Anna Rossi' }).click();
  const preview = people.getByTestId('preview');
  await expect(preview.getByText('hidden')).toHaveCount(0);
  await people.getByRole('switch', { name: 'Shown everything' }).uncheck();
  for (const part of ['Recordings', 'Pause', 'Choice of language', 'Change of password']) await people.getByRole('checkbox', { name: part }).uncheck();
  await expect(preview.getByText('hidden')).toHaveCount(4);
  expect(await faultsInBoth(people)).toEqual([]);
  await people.getByRole('button', { name: 'Save' }).click();
  // Without a reload.
  await expect(rail.getByRole('link', { name: 'Recordings' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Pause', exact: true })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Language' })).toHaveCount(0);
  await page.getByRole('button', { name: /^Account of/ }).click();
  await expect(page.getByRole('menuitem', { name: /password/ })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.goto(`${site.server.url}/recordings`);
  await expect(page.getByText('An administrator has taken this from you.')).toBeVisible();
  expect(await faultsInBoth(page)).toEqual([]);
  await people.getByRole('switch', { name: 'Shown everything' }).check();
  await people.getByRole('button', { name: 'Save' }).click();
  await expect(rail.getByRole('link', { name: 'Recordings' })).toBeVisible();
  await admin.close();
  await signOut(page);
});

test('K4 K5: a recording is handed out by a link, which is shown once, listed and taken back', async ({ page, browser, site }) => {
  test.setTimeout(240_000);
  await startWork(page, site.server, 'anna', '1001');
  site.caller.dial(`sip:5001@${site.server.sip}`);
  await site.desk.next('CALL_INCOMING');
  site.desk.answer();
  await expect(page.getByTestId('dock')).toContainText('On a call');
  await page.getByTestId('dock').getByRole('button', { name: 'End' }).click();
  await site.caller.next('CALL_CLOSED');
  await signOut(page);

  await signIn(page, site.server, 'sofia');
  await page.getByRole('link', { name: 'Recordings' }).first().click();
  await page.getByRole('button', { name: /^Listen to the recording/ }).first().click();
  await page.getByTestId('player').getByRole('button', { name: 'Links to the recording' }).click();
  const dialog = page.getByRole('dialog', { name: 'Links to the recording' });
  await expect(dialog.getByText('No link works now.')).toBeVisible();
  await dialog.getByLabel('Good for').selectOption('One hour');
  await dialog.getByRole('button', { name: 'Make link' }).click();
  const link = (await dialog.getByLabel('The link', { exact: true }).textContent()) ?? '';
  expect(await faultsInBoth(page)).toEqual([]);
  const stranger = await browser.newContext();
  const file = await stranger.request.get(link);
  expect([file.status(), file.headers()['content-type']]).toEqual([200, 'audio/wav']);
  await dialog.getByRole('button', { name: /^Take back the link/ }).click();
  await expect(dialog.getByText('No link works now.')).toBeVisible();
  expect((await stranger.request.get(link)).status()).toBe(404);
  await stranger.close();
  await page.keyboard.press('Escape');
  await signOut(page);
});
