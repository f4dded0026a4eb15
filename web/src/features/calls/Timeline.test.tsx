import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import '../../shared/i18n';
import { Timeline, type Entry } from './Timeline';

const NAMES = { anna: 'Anna Rossi', bruno: 'Bruno Conti', p1: '1001', p2: '1002', lab: 'lab', sales: 'Sales', support: 'Support' };
const entry = (type: string, data: Record<string, unknown>): Entry => ({ at: '2026-11-23T10:00:00Z', type, data });

it('I6: each step names who, by which telephone, queue and trunk', () => {
  render(
    <Timeline
      names={NAMES}
      entries={[
        entry('call.started', { caller: '+39021', called: '5001', origin: { trunk: 'lab' } }),
        entry('leg.started', { leg: 'a', role: 'caller', party: '+39021', trunk: 'lab' }),
        entry('leg.answered', { leg: 'a' }),
        entry('call.queued', { queue: 'sales' }),
        entry('offer.created', { agent: 'anna', phone: 'p1', queue: 'sales' }),
        entry('leg.started', { leg: 'b', role: 'agent', party: '1001', agent: 'anna', phone: 'p1' }),
        entry('leg.ringing', { leg: 'b' }),
        entry('leg.answered', { leg: 'b' }),
        entry('call.bridged', { a: 'a', b: 'b' }),
        entry('call.held', { leg: 'a', by: 'b' }),
        entry('leg.started', { leg: 'c', role: 'callee', party: '+39066', trunk: 'lab' }),
        entry('leg.ended', { leg: 'c', reason: 'busy', by: 'callee' }),
        entry('leg.started', { leg: 'd', role: 'callee', party: '1002', phone: 'p2' }),
        entry('leg.ringing', { leg: 'd' }),
        entry('call.transferred', { by: 'b', to: 'support' }),
        entry('call.transferred', { by: 'b', to: '1001' }),
        entry('call.disposed', { by: 'bruno', names: ['Sold', 'By the year'] }),
      ]}
    />,
  );
  expect(screen.getAllByRole('listitem').map((item) => item.querySelector('span')?.textContent)).toEqual([
    'The call began by trunk lab: +39021 dialled 5001',
    'Call from +39021 by trunk lab',
    'The call of +39021 was taken in',
    'Began to wait in the queue Sales',
    'Offered to Anna Rossi on telephone 1001, for the queue Sales',
    'Dialling Anna Rossi on telephone 1001',
    'It rings: Anna Rossi',
    'Anna Rossi answered',
    '+39021 and Anna Rossi hear each other',
    '+39021 is on hold',
    'Dialling +39066 by trunk lab',
    '+39066 left: Busy, by the called party',
    'Dialling telephone 1002',
    'It rings: telephone 1002',
    'Anna Rossi gave the call on to Support',
    'Anna Rossi gave the call on to Anna Rossi',
    'Bruno Conti disposed the call: Sold / By the year',
  ]);
});

it('I6: whose telephone was rung first has answered; whoever dialled by keys was taken in', () => {
  const own = { leg: 'a', role: 'caller', party: '1001', agent: 'anna', phone: 'p1' };
  const other = { leg: 'b', role: 'callee', party: '+39066', trunk: 'lab' };
  const said = (entries: Entry[]) => {
    const { unmount } = render(<Timeline names={NAMES} entries={entries} />);
    const words = screen.getAllByRole('listitem').map((item) => item.querySelector('span')?.textContent);
    unmount();
    return words.filter((text) => /answered|taken in/.test(text ?? ''));
  };
  const clicked = [entry('leg.started', own), entry('agent.state', { agent: 'anna', state: 'on_call' }), entry('leg.answered', { leg: 'a' }), entry('leg.started', other), entry('leg.answered', { leg: 'b' })];
  expect(said(clicked)).toEqual(['Anna Rossi answered', '+39066 answered']);
  const back = [...clicked, entry('leg.started', { ...own, leg: 'c' }), entry('leg.answered', { leg: 'c' })];
  expect(said(back)).toEqual(['Anna Rossi answered', '+39066 answered', 'Anna Rossi answered']);
  const keyed = [entry('leg.started', own), entry('leg.started', other), entry('leg.answered', { leg: 'b' }), entry('leg.answered', { leg: 'a' })];
  expect(said(keyed)).toEqual(['+39066 answered', 'The call of Anna Rossi was taken in']);
});
