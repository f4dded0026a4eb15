/** How a wait of so long looks. */
export function urgency(ms: number): 'ok' | 'warn' | 'bad' {
  return ms < 60_000 ? 'ok' : ms < 180_000 ? 'warn' : 'bad';
}
