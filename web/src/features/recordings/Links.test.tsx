import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { api } from '../../api/client';
import '../../shared/i18n';
import { Links } from './Links';

afterEach(() => {
  vi.restoreAllMocks();
});

const LINK = { id: 'l1', made_by: 'sofia', expires_at: '2026-12-01T10:00:00Z', opened_at: null };

it('K5: a link that was taken back is not shown as one that opens anything', async () => {
  const user = userEvent.setup();
  let links = [] as (typeof LINK)[];
  const answers = (data: unknown) => Promise.resolve({ data, response: new Response() } as never);
  vi.spyOn(api, 'GET').mockImplementation(() => answers(links));
  vi.spyOn(api, 'POST').mockImplementation(() => {
    links = [LINK];
    return answers({ ...LINK, path: '/api/v1/recording-links/secret' });
  });
  vi.spyOn(api, 'DELETE').mockImplementation(() => {
    links = [];
    return answers(undefined);
  });
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <Links recording="r1" />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await user.click(screen.getByRole('button'));
  await user.click(await screen.findByRole('button', { name: 'Make link' }));
  expect(await screen.findByText(/recording-links\/secret/)).toBeTruthy();
  await user.click(await screen.findByRole('button', { name: /^Take back/ }));
  await waitFor(() => expect(screen.queryByText(/recording-links\/secret/)).toBeNull());
  await waitFor(() => expect(screen.queryByRole('listitem')).toBeNull());
});
