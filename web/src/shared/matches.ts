/** Whether any of the values holds the text, in any case. No text fits all. */
export function matches(text: string | undefined, values: (string | number | null | undefined)[]): boolean {
  const wanted = text?.trim().toLowerCase();
  return !wanted || values.some((value) => value != null && String(value).toLowerCase().includes(wanted));
}
