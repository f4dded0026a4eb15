import { MantineProvider } from '@mantine/core';
import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { SearchField } from './SearchField';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('asks once the typing rests, keeps what is typed meanwhile, and gives way to what is set elsewhere', () => {
  const asked = vi.fn();
  const field = (value: string) => (
    <MantineProvider>
      <SearchField label="Find" value={value} onChange={asked} />
    </MantineProvider>
  );
  const { rerender } = render(field(''));
  const input = screen.getByLabelText<HTMLInputElement>('Find');
  const type = (text: string) => fireEvent.change(input, { target: { value: text } });
  type('0');
  type('02');
  type('025');
  expect(asked).not.toHaveBeenCalled();
  act(() => void vi.advanceTimersByTime(300));
  expect(asked.mock.calls).toEqual([['025']]);
  // The address follows while one types on.
  type('0255');
  rerender(field('025'));
  expect(input.value).toBe('0255');
  act(() => void vi.advanceTimersByTime(300));
  rerender(field('0255'));
  expect(asked.mock.calls).toEqual([['025'], ['0255']]);
  rerender(field(''));
  expect(input.value).toBe('');
  rerender(field('0255'));
  expect(input.value).toBe('0255');
});
