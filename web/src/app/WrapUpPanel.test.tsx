import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import { api, type Me } from '../api/client';
import { desk, type LiveCall } from '../live/desk';
import '../shared/i18n';
import { WrapUpPanel } from './WrapUpPanel';

const before = desk.getState();
// A note that grows looks for the fonts, which jsdom has not.
Object.defineProperty(document, 'fonts', { value: { addEventListener() {}, removeEventListener() {} } });

afterEach(() => {
  vi.restoreAllMocks();
  desk.setState(before, true);
});

it('R3, R5: the length is that of the own talk, and the dispositions those of the queue it was had for', async () => {
  const one = (id: string, name: string, queues: string[]) => ({ id, name, parent: null, custom: false, position: 0, queues });
  vi.spyOn(api, 'GET').mockResolvedValue({ data: [one('s', 'Sold', ['sales']), one('r', 'Repaired', ['support'])], response: new Response() } as never);
  const me = { login: 'anna', role: 'agent', agent: { state: 'wrap_up', call: 'c1', since: '2026-11-23T10:05:10Z' } } as unknown as Me;
  // It waited for four minutes, and went on to the other queue.
  const call = { call: 'c1', kind: 'inbound', caller: '+39021', called: '5001', started_at: '2026-11-23T10:00:00Z', state: 'waiting', queue: 'support', had_by: [{ agent: 'anna', queue: 'sales', since: '2026-11-23T10:04:00Z' }], parties: [], offered_to: [] } as unknown as LiveCall;
  desk.setState({ me, calls: { c1: call } });
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <WrapUpPanel />
      </QueryClientProvider>
    </MantineProvider>,
  );
  expect(await screen.findByRole('button', { name: 'Sold' })).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Repaired' })).toBeNull();
  expect(screen.getByText('01:10')).toBeTruthy();
});
