/** Where a recording's sound is. */
export function audioOf(recording: string): string {
  return `/api/v1/recordings/${recording}/audio`;
}
