// Pictures of the main screens, compared with those in docs/screens: `npm run pictures` draws them anew.
import { expect, type Page } from '@playwright/test';

import { args } from '../playwright.config';
import { ADMIN, AGENTS, ago, ANNA, CALLS, CONSULT, set, SOFIA, TALK, test, type Scene } from './scene';

// Letters are drawn the same wherever Chromium and the page's own fonts are.
test.use({ timezoneId: 'Europe/Rome', launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...args, '--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb', '--force-device-scale-factor=1'] } });

const talking = (more: object) => ({ ...ANNA, agent: { ...ANNA.agent!, state: 'talking', call: TALK.call, since: ago(150), ...more } });
const atWork = AGENTS.map((row) => (row.login === 'anna' ? { ...row, state: 'talking', call: TALK.call, since: ago(150) } : row));
const person = (login: string, name: string) => ({ login, name });
const abandoned = (number: number, phone: string, name: string | null, queue: string, seconds: number, more: object = {}) => ({ reserved: 'reserved_by' in more, id: `00000000-0000-7000-8000-0000000003${number}`, number, phone, name, queue, abandoned_at: ago(seconds), disposition_names: [], ...more });
const recording = (number: number, caller: string, agent: string, queue: string, seconds: number, length_ms: number, rating: number | null) => ({ id: `00000000-0000-7000-8000-0000000004${number}`, call: `00000000-0000-7000-8000-0000000001${number}`, kind: 'inbound', caller, called: '5001', connected: '1001', queue, agent, started_at: ago(seconds), stopped_at: ago(seconds - length_ms / 1000), length_ms, bytes: length_ms * 32, agent_name: agent === 'anna' ? 'Anna Rossi' : 'Bruno Conti', gap_ms: 0, rating });
const queue = { id: '00000000-0000-7000-8000-000000000011', version: 3, name: 'sales', label: 'Sales', strategy: 'longest_idle', offer_ms: 15_000, wrapup_ms: 10_000, misses_pause: 3, max_wait_ms: null, max_waiting: 200, music: 'hold', record: true, consent: 'consent', caller_id: null, keep_recordings_days: 90 };
const users = AGENTS.map((row, at) => ({ id: row.id, version: 1, login: row.login, name: row.name, role: 'agent', agent: { number: `20${at + 1}`, typology: 'external', dials: [], remote_control: true } }));

const CALL = '00000000-0000-7000-8000-000000000131';
/** What happened in a call, so many seconds after it began. */
const happened = (after: number, type: string, data: object) => ({ at: ago(600 - after), type, data: { call: CALL, ...data } });
const finished = {
  id: CALL,
  number: 131,
  kind: 'inbound',
  caller: '+393335550101',
  caller_name: 'Marco Ferri',
  called: '5001',
  connected: '1001',
  queue: 'sales',
  agent: 'anna',
  agent_name: 'Anna Rossi',
  started_at: ago(600),
  answered_at: ago(565),
  ended_at: ago(416),
  wait_ms: 28_000,
  ring_ms: 4000,
  talk_ms: 149_000,
  ended_by: 'caller',
  reason: 'hung_up',
  disposition: 'Sold',
  disposition_names: ['Sold'],
  disposition_path: [],
  note: 'Renews in May.',
  disposed_at: ago(408),
  recording: '00000000-0000-7000-8000-000000000441',
  names: { anna: 'Anna Rossi', p1: '1001', provider: 'provider', sales: 'Sales' },
  record: {},
  timeline: [
    happened(0, 'call.started', { caller: '+393335550101', called: '5001', origin: { trunk: 'provider' } }),
    happened(0, 'leg.started', { leg: 'a', role: 'caller', party: '+393335550101', trunk: 'provider' }),
    happened(0, 'leg.answered', { leg: 'a' }),
    happened(3, 'call.consent', {}),
    happened(7, 'call.queued', { queue: 'sales' }),
    happened(31, 'offer.created', { agent: 'anna', phone: 'p1', queue: 'sales' }),
    happened(31, 'leg.started', { leg: 'b', role: 'agent', party: '1001', agent: 'anna', phone: 'p1' }),
    happened(31, 'leg.ringing', { leg: 'b' }),
    happened(35, 'leg.answered', { leg: 'b' }),
    happened(35, 'call.dequeued', { queue: 'sales', exit: 'answered' }),
    happened(35, 'call.bridged', { a: 'a', b: 'b' }),
    happened(35, 'recording.started', {}),
    happened(92, 'call.held', { leg: 'a', by: 'b' }),
    happened(118, 'call.resumed', { leg: 'a', by: 'b' }),
    happened(184, 'leg.ended', { leg: 'a', reason: 'hung_up', by: 'caller' }),
    happened(184, 'call.ended', { reason: 'hung_up', by: 'caller' }),
    happened(184, 'recording.closed', { length_ms: 149_000 }),
    happened(192, 'call.disposed', { by: 'anna', names: ['Sold'] }),
  ],
};

const SCENES: { name: string; path: string; scene: Scene; there: (page: Page) => Promise<void> }[] = [
  { name: 'login', path: '/login', scene: { me: null }, there: (page) => page.getByRole('link', { name: 'Forgot your password?' }).waitFor() },
  { name: 'dashboard', path: '/', scene: { me: ANNA }, there: (page) => page.getByText('Giulia Rossi').waitFor() },
  { name: 'live-call', path: '/', scene: { me: talking({}), agents: atWork.slice(0, 1), calls: [TALK] }, there: (page) => page.getByTestId('dock').getByText('Marco Ferri').waitFor() },
  { name: 'call', path: `/calls/${CALL}`, scene: { me: SOFIA, answers: { [`/calls/${CALL}`]: finished } }, there: (page) => page.getByText('Anna Rossi disposed the call: Sold').waitFor() },
  { name: 'consult', path: '/', scene: { me: talking({}), agents: atWork.slice(0, 1), calls: [CONSULT] }, there: (page) => page.getByTestId('asked').getByText('Bruno Conti').waitFor() },
  {
    name: 'abandoned-calls',
    path: '/abandoned?range=all',
    scene: {
      me: SOFIA,
      answers: {
        '/abandoned-calls': {
          items: [
            abandoned(31, '+390255501111', 'Giulia Rossi', 'sales', 240),
            abandoned(30, '+393335552222', null, 'support', 960, { reserved_by: person('anna', 'Anna Rossi') }),
            abandoned(29, '+441632960777', 'Noah Silva', 'sales', 3000, { served_by: '00000000-0000-7000-8000-000000000129' }),
            abandoned(28, '+390655503333', 'Lucia Bianchi', 'sales', 5200, { reserved_by: person('bruno', 'Bruno Conti'), disposition: 'Sold', disposition_names: ['Sold'], assigned_to: person('bruno', 'Bruno Conti'), note: 'Renews in May.' }),
          ],
          next: null,
        },
        '/dispositions': [],
      },
    },
    there: (page) => page.getByText('Lucia Bianchi').waitFor(),
  },
  {
    name: 'recordings',
    path: '/recordings?range=all',
    scene: {
      me: SOFIA,
      answers: {
        '/recordings': {
          items: [
            recording(41, '+393335550101', 'anna', 'sales', 600, 184_000, 4),
            recording(40, '+393475550177', 'bruno', 'support', 1800, 61_000, null),
            recording(39, '+390255501234', 'anna', 'sales', 4100, 412_000, 5),
          ],
          next: null,
        },
      },
    },
    there: (page) => page.getByText('+390255501234').waitFor(),
  },
  {
    name: 'supervisor',
    path: '/',
    scene: { me: SOFIA, agents: atWork, calls: [TALK, ...CALLS] },
    there: async (page) => {
      await page.getByText('Sofia Greco listens').waitFor();
      await page.getByText('Paused · Lunch').waitFor();
      await page.getByTestId('waiting-row').getByText('Anna Rossi').waitFor();
    },
  },
  {
    name: 'queue-settings',
    path: `/settings/queues/${queue.id}`,
    scene: { me: ADMIN, answers: { [`/queues/${queue.id}`]: queue, [`/queues/${queue.id}/members`]: [{ agent: AGENTS[0]!.id, login: 'anna', name: 'Anna Rossi', priority: 1 }, { agent: AGENTS[1]!.id, login: 'bruno', name: 'Bruno Conti', priority: 2 }], '/users': { items: users, next: null }, '/trunks': { items: [], next: null }, '/dispositions': [] } },
    there: (page) => page.getByText('Anna Rossi').waitFor(),
  },
];

/** Those that are drawn in the dark theme too. */
const DARK = ['login', 'dashboard', 'live-call', 'call', 'recordings'];

for (const { name, path, scene, there } of SCENES) {
  test(`the picture of ${name}`, async ({ page, server }) => {
    await set(page, scene);
    await page.goto(server.url + path);
    await there(page);
    await page.evaluate(() => document.fonts.ready);
    await expect(page).toHaveScreenshot(`${name}.png`);
    if (!DARK.includes(name)) return;
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator(`html[data-mantine-color-scheme='dark']`).waitFor();
    await expect(page).toHaveScreenshot(`${name}-dark.png`);
  });
}
