/** `02:48`, `1:04:09`. Negative is nought. */
export function duration(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}

/** The reader's own habits of writing dates, in the page's language. */
function locale(language: string): string {
  return navigator.languages.find((known) => known.slice(0, 2) === language) ?? language;
}

/** `14:52:07` today, `21 Nov, 14:52` before. */
export function moment(at: string, language: string, now = new Date()): string {
  const when = new Date(at);
  const today = when.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(
    locale(language),
    today ? { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } : { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false },
  ).format(when);
}

/** `21 Nov`; nothing on the same day as another moment, now without, which needs no saying. */
export function dayOf(at: string, language: string, other = new Date()): string | undefined {
  const when = new Date(at);
  if (when.toDateString() === other.toDateString()) return undefined;
  return new Intl.DateTimeFormat(locale(language), { day: 'numeric', month: 'short' }).format(when);
}

/** `14:52:07`. */
export function timeOf(at: string, language: string): string {
  return new Intl.DateTimeFormat(locale(language), { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(new Date(at));
}

/** A moment for a file, as the clock of a time zone has it, with its offset: `2026-11-23T19:20:05+01:00` (ISO 8601). */
export function stamp(at: string, zone: string): string {
  const when = new Date(at);
  const shown = new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'longOffset' });
  const part = Object.fromEntries(shown.formatToParts(when).map(({ type, value }) => [type, value]));
  const offset = part.timeZoneName?.replace('GMT', '') || '+00:00';
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}${offset}`;
}

/** Whole seconds, as a duration shows them. */
export function seconds(ms: number | null | undefined): number | null {
  return ms == null ? null : Math.max(0, Math.floor(ms / 1000));
}

/** The moment in full, for a hover. */
export function fully(at: string, language: string): string {
  return new Intl.DateTimeFormat(locale(language), { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
}

/** `1.4 MB`. */
export function bytes(count: number, language: string): string {
  const [value, unit] = count < 1_000_000 ? [count / 1000, 'kilobyte'] : [count / 1_000_000, 'megabyte'];
  return new Intl.NumberFormat(locale(language), { style: 'unit', unit, maximumFractionDigits: 1 }).format(value);
}

export const ranges = ['today', 'week', 'month', 'all', 'dates'] as const;
export type Range = (typeof ranges)[number];

/** A period as an address says it: a well-known one, or from day to day, both included. */
export interface Period {
  range?: Range;
  from?: string;
  to?: string;
}

/** Where a period begins and ends, as the API wants it; whole days of this machine's clock. */
export function bounds({ range = 'week', from, to }: Period, now = new Date()): { from?: string; until?: string } {
  if (range === 'dates') return { from: from && midnight(from, 0), until: to && midnight(to, 1) };
  if (range === 'all') return {};
  const start = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  start.setDate(start.getDate() - { today: 0, week: 6, month: 29 }[range]);
  return { from: start.toISOString() };
}

/** Whether `2026-11-22` is a day. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(new Date(`${text}T00:00`).getTime());
}

function midnight(day: string, later: number): string {
  const at = new Date(`${day}T00:00`);
  at.setDate(at.getDate() + later);
  return at.toISOString();
}
