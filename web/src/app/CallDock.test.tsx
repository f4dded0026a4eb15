import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { api, type Me } from '../api/client';
import { desk, type LiveCall, type Party } from '../live/desk';
import '../shared/i18n';
import { CallDock } from './CallDock';

const before = desk.getState();

afterEach(() => {
  vi.restoreAllMocks();
  desk.setState(before, true);
});

const party = (number: string, more: Partial<Party> = {}): Party => ({ leg: number, role: 'callee', number, agent: null, agent_name: null, phone: null, state: 'up', on_hold: false, hearing: 'heard', ...more });
const customer = party('+390255501234', { role: 'caller', on_hold: true });

/** The dock of an agent at telephone 1001, on this call. */
function show(login: string, state: string, call: Partial<LiveCall>): void {
  const whole: LiveCall = { call: 'c1', number: 7, kind: 'inbound', caller: '+390255501234', caller_name: 'Giulia Rossi', called: '5001', started_at: '2026-11-23T10:00:00Z', state: 'talking', since: '2026-11-23T10:00:00Z', queue: 'sales', not_reached: null, agent: login, agent_name: null, offered_to: [], offered_to_names: [], had_by: [], parties: [], ...call };
  const me = { login, role: 'agent', agent: { state, call: 'c1', phone: '1001', typology: 'external', since: '2026-11-23T10:00:00Z' } } as unknown as Me;
  desk.setState({ me, calls: { c1: whole } });
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <CallDock />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

it('says whom one calls and which telephone to pick up while the own one rings', () => {
  show('anna', 'talking', { kind: 'outbound', state: 'ringing', caller: '1001', caller_name: null, called: '+390612345', queue: null, parties: [party('1001', { agent: 'anna', role: 'caller', state: 'ringing' })] });
  const dock = screen.getByTestId('dock');
  expect(dock.querySelector('b')?.textContent).toBe('+390612345');
  expect(screen.getByRole('status').textContent).toBe('Calling · pick up telephone 1001');
});

it('says who was not reached and why while the other side is on hold, and resumes first, by one key', () => {
  show('anna', 'talking', { not_reached: 'rejected', parties: [customer, party('1001', { agent: 'anna', role: 'agent' })] });
  expect(screen.getByRole('status').textContent).toBe('On hold · not reached: Declined');
  const [first] = screen.getAllByRole('button');
  expect(first?.textContent).toBe('Resume');
  expect(first?.getAttribute('aria-keyshortcuts')).toBe('H');
});

it('says where to answer while a colleague’s consultation rings, and declines it', async () => {
  const decline = vi.spyOn(api, 'POST').mockResolvedValue({ data: {}, response: new Response() } as never);
  show('bruno', 'offered', { agent: 'anna', parties: [customer, party('1002', { agent: 'anna', role: 'agent' }), party('1001', { agent: 'bruno', state: 'ringing' })] });
  expect(screen.getByText('Answer on telephone 1001')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'End' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Decline' }));
  await waitFor(() => expect(decline).toHaveBeenCalledWith('/api/v1/calls/{id}/hang-up', { params: { path: { id: 'c1' } } }));
});
