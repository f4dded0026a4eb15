import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { api } from '../../api/client';
import '../../shared/i18n';
import { SipLadder } from './SipLadder';

afterEach(() => {
  vi.restoreAllMocks();
});

function show(items: unknown[]) {
  vi.spyOn(api, 'GET').mockResolvedValue({ data: { items }, response: new Response() } as never);
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <SipLadder call="1" />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

const message = (sent: boolean, remote: string, title: string) => ({
  at: '2026-01-01T10:00:00.123Z', leg: 'l', sent, transport: 'udp', local: '192.0.2.1:5060', remote, title, message: `${title} whole`,
});

it('draws a lane a peer, says who sent what, and opens a message from the keyboard', async () => {
  const user = userEvent.setup();
  show([message(false, '192.0.2.8:5060', 'INVITE'), message(true, '192.0.2.9:5060', 'INVITE'), message(false, '192.0.2.9:5060', '486 Busy Here')]);
  const refused = await screen.findByRole('button', { name: /Received from 192\.0\.2\.9:5060 by udp: 486 Busy Here/ });
  expect(screen.getByRole('button', { name: /Sent to 192\.0\.2\.9:5060 by udp: INVITE/ })).toBeTruthy();
  expect(refused.getAttribute('aria-expanded')).toBe('false');
  refused.focus();
  await user.keyboard('{Enter}');
  expect(refused.getAttribute('aria-expanded')).toBe('true');
  expect(screen.getByText('486 Busy Here whole')).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Download as pcap' }).getAttribute('href')).toBe('/api/v1/calls/1/sip.pcap');
});

it('says so when nothing was kept', async () => {
  show([]);
  expect(await screen.findByText('No SIP messages are kept of this call')).toBeTruthy();
});
