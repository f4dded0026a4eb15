import { useState } from 'react';

import { ApiError } from '../../api/client';
import { fieldWords } from '../../shared/problem';
import type { Field, Values, Words } from './resource';

/** A form's values, whether they were changed, and what is wrong with each. */
export function useForm(fields: Field[], start: Values, fresh: boolean, t: Words) {
  const [values, setValues] = useState(start);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const shown = fields.filter((field) => field.when?.(values) ?? true);
  const dirty = Object.keys(values).some((name) => values[name] !== start[name]);

  function change(name: string, value: string | boolean): void {
    setValues((old) => ({ ...old, [name]: value }));
    setErrors((old) => Object.fromEntries(Object.entries(old).filter(([other]) => other !== name)));
  }

  function tell(found: Record<string, string>): void {
    setErrors(found);
    const first = shown.find((field) => found[field.name]);
    if (first) document.getElementById(`field-${first.name}`)?.focus();
  }

  /** Looks before the server does; the first wrong one gets the focus. */
  function check(): boolean {
    const found: Record<string, string> = {};
    for (const field of shown) {
      const value = values[field.name];
      if (typeof value !== 'string') continue;
      const required = field.required || (field.kind === 'password' && fresh);
      const wrong = value.trim() === '' ? (required ? 'empty' : undefined) : field.check?.(value.trim());
      if (wrong) found[field.name] = t(`wrong.${wrong}`);
    }
    tell(found);
    return Object.keys(found).length === 0;
  }

  /** What the server found, at the fields it names; false when it names none of them. */
  function refused(error: unknown): boolean {
    if (!(error instanceof ApiError)) return false;
    const found = Object.fromEntries(error.fields.flatMap(({ field, message }) => {
      const name = field.split('.').at(-1) ?? field;
      return shown.some((known) => known.name === name) ? [[name, fieldWords(message)]] : [];
    }));
    tell(found);
    return Object.keys(found).length > 0;
  }

  return { values, errors, shown, dirty, change, check, refused, discard: () => { setValues(start); setErrors({}); } };
}
