import { expect, it } from 'vitest';

import { titleOver, titlePage } from './title';

it('the browser’s tab names the page, and a call that rings before it', () => {
  titlePage('Voice calls');
  expect(document.title).toBe('Voice calls · Carillon');
  titleOver('(1) Call from +390255501234');
  titlePage('Recordings');
  expect(document.title).toBe('(1) Call from +390255501234');
  titleOver(undefined);
  expect(document.title).toBe('Recordings · Carillon');
  titlePage('');
  expect(document.title).toBe('Carillon');
});
