import { expect, it } from 'vitest';

import { cell, csv } from './csv';

it('no cell is a formula, and every value comes out as it went in', async () => {
  expect(['=1+1', '+39061', '-2', '@SUM(A1)', '\t=1', 'Rossi, "Anna"', 'a\nb', 'plain'].map(cell)).toEqual(["'=1+1", "'+39061", "'-2", "'@SUM(A1)", "'\t=1", '"Rossi, ""Anna"""', '"a\nb"', 'plain']);
  expect([cell(-5), cell(null), cell(undefined), cell('')]).toEqual(['-5', '', '', '']);
  expect(await csv(['ID', 'Name'], [[1, 'è']]).text()).toContain('ID,Name\r\n1,è\r\n');
});
