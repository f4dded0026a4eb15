import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

import css from './list.module.css';

/** After so long without a key the list is asked for. */
const REST_MS = 300;
/** What the server looks for at most. */
const MOST = 100;

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** What is looked for in a list. The list is asked once the typing rests. */
export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const [typed, type] = useState(value);
  const [sent, send] = useState(value);
  const [before, setBefore] = useState(value);
  const later = useDebouncedCallback((text: string) => {
    send(text);
    onChange(text);
  }, REST_MS);
  // Set from elsewhere, by a saved filter or one that was cleared: that stands in place of what was typed.
  if (value !== before) {
    setBefore(value);
    send(value);
    if (value !== sent) type(value);
  }
  return (
    <TextInput
      className={css.field}
      size="sm"
      maxLength={MOST}
      placeholder={label}
      aria-label={label}
      leftSection={<IconSearch size={15} stroke={1.8} />}
      value={typed}
      onChange={(event) => {
        type(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
    />
  );
}
