import { useQuery } from '@tanstack/react-query';
import { create } from 'zustand';

import { api, ApiError, body, type Schemas } from '../api/client';
import { desk, nothing, takeMe } from '../live/desk';
import { useDrafts } from './drafts';
import { queries } from './queries';
import { useTabs } from './tabs';

const KEY = ['session'];

/** The session of this browser; `null`: nobody is signed in. */
export function useSession() {
  return useQuery({
    queryKey: KEY,
    queryFn: () =>
      api.GET('/api/v1/session').then(body).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }),
  });
}

/** Somebody signed in, chose a phone, or was signed out: ask anew. */
export async function sessionChanged(): Promise<void> {
  await queries.invalidateQueries({ queryKey: KEY });
}

/** Why the last session ended, where somebody else ended it. */
export interface Farewell {
  /** Who worked here. */
  name: string;
  /** The address the work was taken over from. */
  from: string;
  at: string;
}

/** What the sign-in page says of the session before; `last: null` once somebody signed in. */
export const useFarewell = create<{ last: Farewell | null }>(() => ({ last: null }));

/** The same agent works at another desktop now. */
export function takenOver(from: string): void {
  useFarewell.setState({ last: { name: desk.getState().me?.name ?? '', from, at: new Date().toISOString() } });
  signedOut();
}

/** Nobody is signed in any more: nothing of the last person stays. */
export function signedOut(): void {
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
  desk.setState(nothing, true);
  useTabs.setState({ open: [] });
  useDrafts.setState({ notes: {} });
  queries.setQueryData(KEY, null);
}

export async function signOut(): Promise<void> {
  await api.DELETE('/api/v1/session').then(body);
  signedOut();
}

export async function signIn(credentials: Schemas['Credentials']): Promise<void> {
  await api.POST('/api/v1/session', { body: credentials }).then(body);
  useFarewell.setState({ last: null });
  await sessionChanged();
}

/** Another password from now on; this browser stays signed in, others do not. */
export async function changePassword(passwords: Schemas['NewPassword']): Promise<void> {
  await api.PUT('/api/v1/me/password', { body: passwords }).then(body);
}

/** Makes this desktop the agent's; the other one is told and ends. */
export async function takeOver(): Promise<void> {
  takeMe(await api.POST('/api/v1/session/take-over').then(body));
  await sessionChanged();
}

/** Begins to work with a telephone, with a pause if one is named; `null`: ready at once; absent: as the administrator set it. */
export async function choosePhone({ phone, pause }: { phone: string; pause?: string | null }): Promise<void> {
  const wish = pause === undefined ? {} : pause === null ? { paused: false } : { paused: true, reason: pause };
  takeMe(await api.PUT('/api/v1/session/phone', { body: { phone, ...wish } }).then(body));
  await sessionChanged();
}
