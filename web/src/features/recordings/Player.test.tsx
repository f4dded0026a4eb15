import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { api, type RecordingRow } from '../../api/client';
import '../../shared/i18n';
import { Player } from './Player';

const row = { id: 'r1', call: 'c1', kind: 'inbound', caller: '+390255501', called: '5001', started_at: '2026-01-01T10:00:00Z', length_ms: 600_000, bytes: null } as unknown as RecordingRow;

beforeEach(() => {
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
  vi.spyOn(HTMLMediaElement.prototype, 'paused', 'get').mockReturnValue(false);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function show(quiet: { from_ms: number; to_ms: number }[] | null) {
  vi.spyOn(api, 'GET').mockResolvedValue({ data: { ...row, checked_at: '2026-01-01T10:11:00Z', quiet }, response: new Response() } as never);
  const { container } = render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <Player recording={row} onClose={() => undefined} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  const audio = container.querySelector('audio')!;
  return (at: number) => {
    audio.currentTime = at;
    fireEvent.timeUpdate(audio);
    return audio.currentTime;
  };
}

const skip = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Skip silence' });

it('K4: skips what the server found silent, in ten minutes too, and not a word more', async () => {
  const user = userEvent.setup();
  const plays = show([{ from_ms: 61_400, to_ms: 65_600 }]);
  await waitFor(() => expect(skip().disabled).toBe(false));
  expect(plays(62)).toBe(62);
  await user.click(skip());
  expect(skip().getAttribute('aria-pressed')).toBe('true');
  expect([30, 61.3, 62, 65.5, 70].map(plays)).toEqual([30, 61.3, 65.6, 65.5, 70]);
});

it('K4: offers no skipping where nobody looked for silence', async () => {
  const asked = show(null);
  await waitFor(() => expect(api.GET).toHaveBeenCalled());
  expect(skip().disabled).toBe(true);
  expect(skip().title).toMatch(/not known/);
  expect(asked(62)).toBe(62);
});
