import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { allMutants } from '../../mutants/all.ts';
import { where } from '../../mutants/where.ts';
import { readKillers } from '../../scripts/mutants/killers.ts';
import { occurrences, project } from '../../scripts/mutants/tree.ts';

const ids = allMutants.map(({ id }) => id);
/** Set by the search for killers, in whose copy of the project a mutant is applied. */
const isSearch = process.env['TEST_ORDER'] !== undefined;

(isSearch ? describe.skip : describe)('the mutants', () => {
  test('have an id each', () => {
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('fit the code: each finds its text once in its file, and changes it', () => {
    const misfits = allMutants.filter((mutant) => occurrences(mutant) !== 1);
    expect(misfits.map(({ id }) => id)).toEqual([]);
    const same = allMutants.filter(({ find, replace }) => find === replace);
    expect(same.map(({ id }) => id)).toEqual([]);
  });

  test('have a place each where their killer is looked for first', () => {
    const rules = Object.keys(where);
    expect(ids.filter((id) => !rules.some((rule) => id.startsWith(rule)))).toEqual([]);
  });

  test('are killed by tests that are there', () => {
    const killers = [...readKillers()];
    expect(killers.map(([id]) => id).filter((id) => !ids.includes(id))).toEqual([]);
    const files = new Set(killers.map(([, { file }]) => file));
    expect([...files].filter((file) => !existsSync(join(project, file)))).toEqual([]);
  });
});
