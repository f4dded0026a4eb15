import { expect, it } from 'vitest';

import { below, offered, type Disposition } from './dispositions';

const one = (id: string, parent: string | null, queues: string[] = []): Disposition => ({ id, name: id, parent, custom: false, position: 0, queues });
const all = [one('sold', null), one('mistake', null, ['support']), one('yearly', 'sold'), one('monthly', 'sold')];

it('Y12: a call is offered what is for its queue or for all, level by level', () => {
  expect(offered(all, 'sales').map((found) => found.id)).toEqual(['sold']);
  expect(offered(all, 'support').map((found) => found.id)).toEqual(['sold', 'mistake']);
  expect(offered(all, null).map((found) => found.id)).toEqual(['sold']);
  expect(below(all, 'sold').map((found) => found.id)).toEqual(['yearly', 'monthly']);
  expect(below(all, 'yearly')).toEqual([]);
});
