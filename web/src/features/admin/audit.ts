import type { Schemas } from '../../api/client';

type Row = Pick<Schemas['AuditRow'], 'before' | 'after' | 'entity_id'>;
type Settings = Record<string, unknown>;

const said = (value: unknown): string => (value == null || value === '' ? '–' : typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Nested settings as one level: `agent.number`. */
function flat(settings: Settings | null | undefined, path = ''): Settings {
  return Object.fromEntries(
    Object.entries(settings ?? {}).flatMap(([key, value]) =>
      value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.entries(flat(value as Settings, `${path}${key}.`)) : [[path + key, value]],
    ),
  );
}

/** What is another after a change: `offer_ms: 15000 → 7000`. */
export function changes({ before, after }: Row): string[] {
  const [was, is] = [flat(before), flat(after)];
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((field) => field !== 'id');
  const differs = fields.filter((field) => said(was[field]) !== said(is[field]));
  if (!before) return differs.map((field) => `${field}: ${said(is[field])}`);
  if (!after) return [];
  return differs.map((field) => `${field}: ${said(was[field])} → ${said(is[field])}`);
}

/** What people call the thing that was changed. */
export function nameOf({ before, after, entity_id }: Row): string {
  const settings = (after ?? before ?? {}) as Settings;
  const name = settings.label ?? settings.name ?? settings.login ?? settings.prefix;
  return typeof name === 'string' ? name : entity_id.slice(-8);
}
