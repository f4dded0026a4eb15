// K6: any column puts the rows in order.
import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it, vi } from 'vitest';

import '../shared/i18n';
import { DataGrid, type Column, type Sort } from './DataGrid';

const rows = Array.from({ length: 500 }, (_, index) => ({ id: index, seconds: (index * 37) % 500 }));
const columns: Column<(typeof rows)[number]>[] = [
  { id: 'id', title: 'ID', width: '80px', value: (row) => row.id },
  { id: 'seconds', title: 'Talk', width: '80px', value: (row) => row.seconds },
];

function Grid({ onMore }: { onMore?: () => void }) {
  const [sort, onSort] = useState<Sort>({ by: 'id', desc: false });
  return (
    <MantineProvider>
      <DataGrid label="Calls" columns={columns} rows={rows} rowKey={(row) => String(row.id)} sort={sort} onSort={onSort} empty="none" onMore={onMore} />
    </MantineProvider>
  );
}

it('draws the rows in view, tells how many there are, and sorts numbers as numbers', async () => {
  const user = userEvent.setup();
  const more = vi.fn();
  render(<Grid onMore={more} />);
  expect(screen.getByRole('table').getAttribute('aria-rowcount')).toBe('501');
  expect(screen.getAllByRole('row').length).toBeLessThan(60);
  await user.click(screen.getByRole('button', { name: 'Talk' }));
  await user.click(screen.getByRole('button', { name: 'Talk' }));
  expect(screen.getByRole('columnheader', { name: 'Talk' }).getAttribute('aria-sort')).toBe('descending');
  expect(screen.getAllByRole('row')[1]?.textContent).toContain('499');
  await user.click(screen.getByRole('button', { name: 'Show more' }));
  expect(more).toHaveBeenCalledOnce();
});

it('leaves rows as they come where the server puts them in order', () => {
  const onSort = vi.fn();
  render(
    <MantineProvider>
      <DataGrid label="Calls" columns={columns} rows={rows.slice(0, 5)} rowKey={(row) => String(row.id)} sorted sort={{ by: 'seconds', desc: true }} onSort={onSort} empty="none" />
    </MantineProvider>,
  );
  expect(screen.getAllByRole('row').slice(1).map((row) => row.textContent?.slice(0, 1))).toEqual(['0', '1', '2', '3', '4']);
});
