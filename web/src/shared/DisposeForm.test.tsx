import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import { api } from '../api/client';
import { DisposeForm } from './DisposeForm';
import './i18n';

// A note that grows looks for the fonts, which jsdom has not.
Object.defineProperty(document, 'fonts', { value: { addEventListener() {}, removeEventListener() {} } });

afterEach(() => {
  vi.restoreAllMocks();
});

const one = (id: string, name: string, parent: string | null = null, queues: string[] = []) => ({ id, name, parent, custom: false, position: 0, queues });

function show(before: string[]): void {
  vi.spyOn(api, 'GET').mockResolvedValue({ data: [one('s', 'Sold'), one('y', 'By the year', 's'), one('f', 'Fax'), one('r', 'Repair', null, ['support'])], response: new Response() } as never);
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <DisposeForm call="c1" queue="sales" before={before} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

const pressed = () => screen.getAllByRole('button', { pressed: true }).map((button) => button.textContent);

it('J6: what a call is disposed as is chosen already, level by level', async () => {
  show(['s', 'y']);
  await screen.findByText('By the year');
  expect(pressed()).toEqual(['Sold', 'By the year']);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Dispose' }).disabled).toBe(false);
});

it('J6: what is there no more, or for another queue, is not', async () => {
  show(['s', 'gone']);
  await screen.findByText('By the year');
  expect(pressed()).toEqual(['Sold']);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Dispose' }).disabled).toBe(true);
});
