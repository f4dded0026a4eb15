/** The browsers people know by name, in the order in which a User-Agent means them: each also names those it came from. */
const BROWSERS = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']] as const;
const SYSTEMS = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS X', 'macOS'], ['Linux', 'Linux']] as const;

/** A program as people know it, by its User-Agent; what is no browser names itself. */
export function browser(program: string | null | undefined): string | null {
  if (!program) return null;
  const known = (list: readonly (readonly [string, string])[]) => list.find(([mark]) => program.includes(mark))?.[1];
  const name = known(BROWSERS);
  return name ? [name, known(SYSTEMS)].filter(Boolean).join(', ') : (program.split(/[ /]/)[0] ?? null);
}
