import { MantineProvider } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import * as file from './csv';
import { ExportButton } from './ExportButton';
import './i18n';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A list of so many rows, in pages of ten thousand. */
function show(length: number) {
  const page = (after?: string) => {
    const from = Number(after ?? 0);
    const items = Array.from({ length: Math.min(10_000, length - from) }, (_, at) => ({ n: from + at }));
    return Promise.resolve({ items, next: from + items.length < length ? String(from + items.length) : null });
  };
  const saved = vi.spyOn(file, 'save').mockReturnValue();
  const rows = vi.spyOn(file, 'csv');
  const told = vi.spyOn(notifications, 'show').mockReturnValue('');
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <ExportButton name="calls" columns={[{ id: 'n', title: 'N', width: '1fr', value: (row: { n: number }) => row.n }]} page={page} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { saved, rows, told };
}

it('writes all of a list, and says nothing where that is all', async () => {
  const { saved, rows, told } = show(50_000);
  await userEvent.click(screen.getByRole('button', { name: 'Export' }));
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(saved.mock.calls[0]?.[1]).toBe('calls.csv');
  expect(rows.mock.calls[0]?.[1]).toHaveLength(50_000);
  expect(told).not.toHaveBeenCalled();
});

it('says on the page and in the name of the file that a longer list is cut', async () => {
  const { saved, rows, told } = show(50_001);
  await userEvent.click(screen.getByRole('button', { name: 'Export' }));
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(saved.mock.calls[0]?.[1]).toBe('calls-first-50000-rows.csv');
  expect(rows.mock.calls[0]?.[1]).toHaveLength(50_000);
  expect(told.mock.calls[0]?.[0].message).toMatch(/first 50,000 rows/);
});
