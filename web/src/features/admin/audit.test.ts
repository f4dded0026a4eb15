import { expect, it } from 'vitest';

import { changes, nameOf } from './audit';

const row = (before: object | null, after: object | null) => ({ before, after, entity_id: '019aa000-0000-7000-8000-0000000000aa' }) as never;

it('shows what is another, nested settings too, and nothing else', () => {
  expect(changes(row({ id: '1', name: 'sales', offer_ms: 15000, agent: { number: '201', caller_id: null } }, { id: '1', name: 'sales', offer_ms: 7000, agent: { number: '202', caller_id: null } }))).toEqual([
    'offer_ms: 15000 → 7000',
    'agent.number: 201 → 202',
  ]);
  expect(changes(row(null, { id: '1', name: 'lunch', paid: false }))).toEqual(['name: lunch', 'paid: false']);
  expect(changes(row({ name: 'lunch' }, null))).toEqual([]);
});

it('names what was changed, or the end of its id', () => {
  expect(nameOf(row({ label: 'Lunch', name: 'lunch' }, null))).toBe('Lunch');
  expect(nameOf(row(null, { password: 'changed' }))).toBe('000000aa');
});
