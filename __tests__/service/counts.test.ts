import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cases } from '../../bench/chain/cases.ts';
import { chainClaim } from '../../bench/chain/claims.ts';
import { play } from '../../bench/chain/play.ts';
import { hourClaim } from '../../bench/news/hour.ts';
import { cells, cellsOf, rowsOf } from '../../scripts/bench/page.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/performance.md'), 'utf8');

// Where one of these fails and the new figure is meant: `npm run bench -- chain news --write`.
test.each(cases.map((one) => [one.name, one] as const))(
  'docs/performance.md tells the depth and the requests of a step with %s',
  async (_, one) => {
    const [row = ''] = rowsOf('chain', [chainClaim(one, await play(one))]);
    expect(cellsOf(page, 'chain')).toContainEqual(cells(row));
  },
);

test('an hour with both logs moving costs at most 1,100 requests, as docs/performance.md tells', async () => {
  const claim = await hourClaim();
  expect(claim.met).toBe(true);
  const [row = ''] = rowsOf('news', [claim]);
  expect(cellsOf(page, 'news')).toContainEqual(cells(row));
});
