import type { APIRequestContext } from '@playwright/test';

import { change, expect, signedIn, startWork, test } from './desk';
import { freePort, Phone } from './phone';
import { Softphone } from './softphone';
import { isJust, samples, share } from './sound';
import { until } from './server';

test.use({ day: 'journey' });

/** What each says: no tone is another's overtone. */
const [ANNA, CUSTOMER, BRUNO, CARLA] = [440, 660, 1010, 1530];
const NUMBER = '+390255509876';
/** Somebody talks with each of these as long as the test takes. */
const LONG = 600;

test('A17 C3 D1 D4 J3 J5 K1: called back by a click through the trunk; held; a colleague asked, swapped with, all three, given the call; on to the other queue; recorded to the last second', async ({ page, browser, site }) => {
  test.setTimeout(300_000);
  const { server } = site;
  const api = `${server.url}/api/v1`;
  const admin = await signedIn(browser, server, 'admin');
  const port = await freePort();
  await change(admin.request, `${api}/trunks`, (trunk) => trunk.name === 'lab', { port });
  await change(admin.request, `${api}/users`, (user) => user.login === 'carla', { agent: { typology: 'external' } });
  const customer = await Phone.peer(NUMBER, port, CUSTOMER, LONG);
  const anna = await Phone.register('1005', server.sip, ANNA, LONG);
  const bruno = await Softphone.register('1003', server.sip, BRUNO);
  const carla = await Phone.register('1004', server.sip, CARLA, LONG);

  // The customer waits in Sales and gives up: nobody is ready there.
  await startWork(page, server, 'anna', '1005');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByRole('link', { name: 'Abandoned calls' }).first().click();
  customer.dial(`sip:5001@${server.sip}`);
  await expect(page.getByRole('link', { name: 'Dashboard' }).first()).toContainText('1', { timeout: 40_000 });
  customer.hangUp();
  const row = page.getByRole('row').filter({ hasText: NUMBER });
  await row.getByRole('switch').click();
  await row.getByRole('button', { name: NUMBER }).click();
  await page.getByRole('menuitem', { name: 'Call' }).click();
  const dock = page.getByTestId('dock');
  await anna.next('CALL_INCOMING');
  await expect(dock).toContainText('Calling');
  anna.answer();
  await customer.next('CALL_INCOMING');
  customer.answer();
  await expect(dock).toContainText('On a call');
  await Promise.all([customer.hearsJust({ [ANNA]: true }), anna.hearsJust({ [CUSTOMER]: true })]);

  await dock.getByRole('button', { name: 'Hold' }).click();
  await expect(dock).toContainText('On hold');
  customer.forget();
  anna.forget();
  await customer.hearsMusic(ANNA, CUSTOMER);
  const heard = anna.news();
  expect(heard.length === 0 || share(heard, CUSTOMER) < 0.02, 'who holds does not hear who is held').toBe(true);
  await dock.getByRole('button', { name: 'Resume' }).click();
  await Promise.all([customer.hearsJust({ [ANNA]: true }), anna.hearsJust({ [CUSTOMER]: true })]);

  // Bruno, on PJSIP, is asked first.
  const other = await browser.newContext();
  const second = await other.newPage();
  await startWork(second, server, 'bruno', '1003');
  await second.getByRole('button', { name: 'Pause', exact: true }).click();
  await dock.getByRole('button', { name: 'Transfer' }).click();
  await page.getByRole('dialog', { name: 'Transfer the call' }).getByRole('button', { name: 'Ask Bruno Conti first' }).click();
  await bruno.tells('incoming');
  bruno.order('answer');
  await bruno.tells('connected');
  const asked = dock.getByTestId('asked');
  await expect(asked).toContainText('Hears you');
  customer.forget();
  await Promise.all([bruno.hearsJust({ [ANNA]: true, [CUSTOMER]: false }), anna.hearsJust({ [BRUNO]: true, [CUSTOMER]: false }), customer.hearsMusic(ANNA, BRUNO)]);

  await dock.getByRole('button', { name: 'Swap' }).click();
  await expect(asked).toContainText('On hold');
  await Promise.all([customer.hearsJust({ [ANNA]: true, [BRUNO]: false }), anna.hearsJust({ [CUSTOMER]: true, [BRUNO]: false })]);
  bruno.forget();
  await bruno.hearsMusic(ANNA, CUSTOMER);

  await dock.getByRole('button', { name: 'Three-way' }).click();
  await expect(asked).toContainText('With you all');
  await Promise.all([
    customer.hearsJust({ [ANNA]: true, [BRUNO]: true, [CUSTOMER]: false }),
    anna.hearsJust({ [ANNA]: false, [BRUNO]: true, [CUSTOMER]: true }),
    bruno.hearsJust({ [ANNA]: true, [BRUNO]: false, [CUSTOMER]: true }),
  ]);

  await dock.getByRole('button', { name: 'In private' }).click();
  await expect(asked).toContainText('Hears you');
  await bruno.hearsJust({ [ANNA]: true, [CUSTOMER]: false });
  await dock.getByRole('button', { name: 'Complete' }).click();
  await anna.next('CALL_CLOSED');
  await Promise.all([customer.hearsJust({ [ANNA]: false, [BRUNO]: true }), bruno.hearsJust({ [ANNA]: false, [CUSTOMER]: true })]);

  // Blind, to the other queue: Carla is alone there.
  const third = await signedIn(browser, server, 'carla');
  expect((await third.request.put(`${api}/session/phone`, { data: { phone: '1004' } })).status()).toBe(200);
  const his = second.getByTestId('dock');
  await expect(his).toContainText('On a call');
  await his.getByRole('button', { name: 'Transfer' }).click();
  await second.getByRole('dialog', { name: 'Transfer the call' }).getByRole('button', { name: 'Transfer to Support' }).click();
  await bruno.tells('over');
  await carla.next('CALL_INCOMING');
  carla.answer();
  await Promise.all([customer.hearsJust({ [ANNA]: false, [BRUNO]: false, [CARLA]: true }), carla.hearsJust({ [CUSTOMER]: true })]);
  carla.forget();
  await carla.hears(CUSTOMER);
  customer.hangUp();
  await carla.next('CALL_CLOSED');

  const { recording, span } = await recorded(admin.request, api);
  const { left: theirs, right: ours } = sides(recording);
  const seconds = ours.length / 8000;
  expect(Math.abs(seconds - span / 1000), `${seconds} s of audio for ${span} ms`).toBeLessThan(0.4);
  const holds = (side: Int16Array, hz: number) => windows(side).some((window) => share(window, hz) > 0.1);
  expect([ANNA, BRUNO, CARLA, CUSTOMER].map((hz) => holds(ours, hz)), 'who was spoken with').toEqual([true, true, true, false]);
  expect([ANNA, BRUNO, CARLA, CUSTOMER].map((hz) => holds(theirs, hz)), 'the customer').toEqual([false, false, false, true]);
  expect(windows(ours).some((window) => isJust(window, { [ANNA]: true, [BRUNO]: true })), 'both while all three spoke').toBe(true);
  // Of the last half second the hang-up's own way through the network is not known.
  const last = (side: Int16Array) => side.subarray(-8000, -2400);
  expect([share(last(ours), CARLA) > 0.1, share(last(theirs), CUSTOMER) > 0.1], 'to the last second').toEqual([true, true]);

  await Promise.all([page.request.delete(`${api}/session`), second.request.delete(`${api}/session`), third.request.delete(`${api}/session`)]);
  await Promise.all([customer, anna, bruno, carla].map((phone) => phone.stop()));
  await Promise.all([other.close(), third.close(), admin.close()]);
});

/** The outbound call's recording once its file is closed, and how long it should be. */
async function recorded(admin: APIRequestContext, api: string): Promise<{ recording: Buffer; span: number }> {
  const call = await until('the record', async () => {
    const { items } = (await (await admin.get(`${api}/calls?kind=outbound`)).json()) as { items: { id: string; ended_at: string | null }[] };
    if (!items[0]?.ended_at) return undefined;
    const { record } = (await (await admin.get(`${api}/calls/${items[0].id}`)).json()) as { record: { transfers: { attended: boolean }[]; recordings: { recording: string; span_ms: number; length_ms: number | null }[] } };
    return record.recordings[0]?.length_ms == null ? undefined : record;
  });
  expect(call.transfers.map((transfer) => transfer.attended)).toEqual([true, false]);
  expect(call.recordings).toHaveLength(1);
  const { recording, span_ms: span } = call.recordings[0]!;
  const file = await admin.get(`${api}/recordings/${recording}/audio`);
  expect(file.status()).toBe(200);
  return { recording: await file.body(), span };
}

function sides(file: Buffer): { left: Int16Array; right: Int16Array } {
  const both = samples(file);
  return { left: both.filter((_, at) => at % 2 === 0), right: both.filter((_, at) => at % 2 === 1) };
}

/** Its parts of 0.4 s. */
function windows(side: Int16Array): Int16Array[] {
  return Array.from({ length: Math.floor(side.length / 3200) }, (_, at) => side.subarray(at * 3200, (at + 1) * 3200));
}
