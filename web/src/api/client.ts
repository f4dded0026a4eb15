import createClient from 'openapi-fetch';

import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type Me = Schemas['Me'];
export type CallRow = Schemas['CallRow'];
export type RecordingRow = Schemas['RecordingRow'];
export type QueueRow = Schemas['QueueRow'];
export type WaitingRow = Schemas['WaitingRow'];

/** What the server refused, by its stable code; `words` is its own English. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    words: string,
    /** What it says of single fields, in its own English. */
    readonly fields: Schemas['FieldProblem'][] = [],
    /** What a person can do about it, or whom it is about. */
    readonly detail?: string,
  ) {
    super(words);
  }
}

export const api = createClient<paths>({
  baseUrl: '/',
  credentials: 'same-origin',
  // Looked up at each call, so that tests may put another in its place.
  fetch: (request) =>
    globalThis.fetch(request).catch(() => {
      throw new ApiError('unreachable', 0, 'The server does not answer.');
    }),
});

interface Answer {
  data?: unknown;
  error?: unknown;
  response: Response;
}

/** The body of an answer, or an `ApiError`. */
export function body<A extends Answer>({ data, error, response }: A): Exclude<A['data'], undefined> {
  if (response.ok) return data as Exclude<A['data'], undefined>;
  const problem = (typeof error === 'object' && error !== null ? error : {}) as { type?: string; title?: string; detail?: string; errors?: Schemas['FieldProblem'][] };
  throw new ApiError(problem.type ?? 'internal', response.status, problem.title ?? response.statusText, problem.errors, problem.detail);
}
