import { useQuery } from '@tanstack/react-query';

import { api, ApiError, body, type Schemas } from '../api/client';
import { desk, nothing, takeMe } from '../live/desk';
import { queries } from './queries';

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

/** Nobody is signed in any more: nothing of the last person stays. */
export function signedOut(): void {
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
  desk.setState(nothing, true);
  queries.setQueryData(KEY, null);
}

export async function signOut(): Promise<void> {
  await api.DELETE('/api/v1/session').then(body);
  signedOut();
}

export async function signIn(credentials: Schemas['Credentials']): Promise<void> {
  await api.POST('/api/v1/session', { body: credentials }).then(body);
  await sessionChanged();
}

export async function choosePhone(phone: string): Promise<void> {
  takeMe(await api.PUT('/api/v1/session/phone', { body: { phone } }).then(body));
  await sessionChanged();
}
