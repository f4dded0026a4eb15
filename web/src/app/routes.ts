import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';

import { Dashboard } from '../features/dashboard/Dashboard';
import { isDay, ranges, type Range } from '../shared/format';
import { Failed } from '../shared/Failed';
import { DialPage } from './DialPage';
import { Gate } from './Gate';
import { NotFound } from './NotFound';

export interface ListSearch {
  kind?: string;
  queue?: string;
  range?: Range;
  from?: string;
  to?: string;
  q?: string;
  sort?: string;
  desc?: boolean;
  play?: string;
  show?: string;
  disposition?: string;
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** Digits alone come as a number. */
const dialled = (value: unknown) => (typeof value === 'number' ? String(value) : text(value));

/** Filters live in the address: a filtered list is a link. What is not understood is left out. */
export function listSearch(search: Record<string, unknown>): ListSearch {
  const range = ranges.find((known) => known === search.range);
  const day = (value: unknown) => (typeof value === 'string' && isDay(value) ? value : undefined);
  return { from: day(search.from), to: day(search.to), kind: text(search.kind), queue: text(search.queue), range, q: text(search.q), sort: text(search.sort), desc: typeof search.desc === 'boolean' ? search.desc : undefined, play: text(search.play), show: text(search.show), disposition: text(search.disposition) };
}

const root = createRootRoute({ component: Gate, notFoundComponent: NotFound });
const dashboard = createRoute({ getParentRoute: () => root, path: '/', component: Dashboard });
const login = createRoute({ getParentRoute: () => root, path: '/login', component: Dashboard });
const forgotten = createRoute({ getParentRoute: () => root, path: '/forgotten-password', component: Dashboard });
const byLink = createRoute({ getParentRoute: () => root, path: '/new-password', component: Dashboard });
const calls = createRoute({ getParentRoute: () => root, path: '/calls', validateSearch: listSearch, component: lazyRouteComponent(() => import('../features/calls/CallList'), 'CallList') });
const call = createRoute({ getParentRoute: () => root, path: '/calls/$id', component: lazyRouteComponent(() => import('../features/calls/CallDetails'), 'CallDetails') });
const abandoned = createRoute({ getParentRoute: () => root, path: '/abandoned', validateSearch: listSearch, component: lazyRouteComponent(() => import('../features/abandoned/AbandonedList'), 'AbandonedList') });
const recordings = createRoute({
  getParentRoute: () => root,
  path: '/recordings',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../features/recordings/RecordingList'), 'RecordingList'),
});

const dial = createRoute({ getParentRoute: () => root, path: '/dial', validateSearch: (search: Record<string, unknown>) => ({ number: dialled(search.number) }), component: DialPage });
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: lazyRouteComponent(() => import('../features/admin/Settings'), 'Settings') });
const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/$kind', params: { kind: 'queues' }, replace: true });
  },
});
const audit = createRoute({ getParentRoute: () => settings, path: '/audit', validateSearch: listSearch, component: lazyRouteComponent(() => import('../features/admin/AuditLog'), 'AuditLog') });
const settingsList = createRoute({ getParentRoute: () => settings, path: '/$kind', validateSearch: listSearch, component: lazyRouteComponent(() => import('../features/admin/ResourceList'), 'ResourceList') });
const setting = createRoute({ getParentRoute: () => settings, path: '/$kind/$id', component: lazyRouteComponent(() => import('../features/admin/ResourceEditor'), 'ResourceEditor') });

export const router = createRouter({ routeTree: root.addChildren([dashboard, login, forgotten, byLink, dial, calls, call, abandoned, recordings, settings.addChildren([settingsHome, audit, settingsList, setting])]), defaultStructuralSharing: true, defaultErrorComponent: Failed });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
