import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { api, type Schemas } from '../../api/client';
import { desk } from '../../live/desk';
import '../../shared/i18n';
import type { AbandonedRow } from './columns';
import { Reserve } from './Reserve';

const before = desk.getState();

afterEach(() => {
  vi.restoreAllMocks();
  desk.setState(before, true);
});

const HELD = { id: '1', number: 7, phone: '+390255501', reserved: true, disposition_names: [] } as unknown as AbandonedRow;

function show(role: 'agent' | 'supervisor', call = HELD): HTMLElement | null {
  desk.setState({ me: { login: 'sofia', role, ...(role === 'agent' ? { agent: {} } : {}) } as Schemas['Me'] });
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <Reserve call={call} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return screen.queryByRole('switch', { name: 'Reserve call 7' });
}

it('J3: what somebody holds who is gone shows as held, and a supervisor frees it', async () => {
  const free = vi.spyOn(api, 'DELETE').mockResolvedValue({ data: {}, response: new Response() } as never);
  const held = show('supervisor')!;
  expect(held.getAttribute('aria-checked')).toBe('true');
  expect(held.title).toBe('Reserved by somebody who is not here any more');
  await userEvent.setup().click(held);
  expect(free).toHaveBeenCalledWith('/api/v1/abandoned-calls/{id}/reservation', { params: { path: { id: '1' } } });
});

it('J4: an agent sees that it is held and cannot touch it', () => {
  const held = show('agent')!;
  expect(held.getAttribute('aria-checked')).toBe('true');
  expect(held.hasAttribute('disabled')).toBe(true);
});

it('J5: who was served by another call can be released by who has reserved it, and is reserved by nobody else', () => {
  expect(show('supervisor', { ...HELD, served_by: '2' })).not.toBeNull();
  cleanup();
  expect(show('agent', { ...HELD, served_by: '2', reserved: false })).toBeNull();
});
