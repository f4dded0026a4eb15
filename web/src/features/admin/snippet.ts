/** What other software runs to call a number with a key, and what a page of it links to without one. */
export function snippet(origin: string, secret: string): string {
  return `curl -X POST '${origin}/api/v1/calls' \\
  -H 'Authorization: Bearer ${secret}' \\
  -H 'Content-Type: application/json' \\
  -d '{"number": "+39 02 1234567"}'

<a href="${origin}/dial?number=%2B39021234567">+39 02 1234567</a>`;
}
