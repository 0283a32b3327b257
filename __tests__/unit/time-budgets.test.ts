import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { actionSteps } from '../../scripts/snippets.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = globSync('examples/workflows/*.yml', { cwd: root });

/** GitHub's own, of a job that names none. */
const jobDefault = 360;
/** The action's own default of `capacity-wait-minutes`. */
const capacityDefault = 15;
/** For checkout, sign-in, upload, the last lines of the log, and post. */
const rest = 10;

interface Budget {
  job: string;
  /** When GitHub cancels the job, in minutes. */
  limit: number;
  /** The longest that its steps of the action can take, in minutes; `NaN` where one has no limit. */
  longest: number;
}

/**
 * What README.md says under "When something goes wrong": past its own limit the step is red and an alert goes
 * out; past the job's, GitHub cancels the job.
 */
function budgets(yaml: string): Budget[] {
  return Object.entries(record(record(parse(yaml))['jobs'])).flatMap(([job, value]) => {
    const steps = actionSteps(JSON.stringify(value)).filter(
      ({ action }) => action === 'fabric-spark-batch/fabric-spark-batch',
    );
    if (steps.length === 0) return [];
    const longest = steps.reduce((sum, { with: given }) => {
      const waits = Number(given['capacity-wait-minutes'] ?? capacityDefault);
      return sum + waits + Number(given['timeout-minutes']) + rest;
    }, 0);
    return [{ job, limit: Number(record(value)['timeout-minutes'] ?? jobDefault), longest }];
  });
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {};
}

test.each(examples)('%s: a job lasts longer than its steps can', (example) => {
  const found = budgets(readFileSync(join(root, example), 'utf8'));
  expect(found).not.toEqual([]);
  expect(found.filter(({ limit, longest }) => !(limit > longest))).toEqual([]);
});

test('a job whose steps have no limit, or wait for room as well, does not pass', () => {
  const uses = 'uses: fabric-spark-batch/fabric-spark-batch@v1';
  const job = (steps: string): string => `jobs: { a: { timeout-minutes: 40, steps: [${steps}] } }`;
  expect(budgets(job(`{ ${uses}, with: { timeout-minutes: 20 } }`))).toEqual([
    { job: 'a', limit: 40, longest: 45 },
  ]);
  expect(budgets(job(`{ ${uses} }`))).toEqual([{ job: 'a', limit: 40, longest: NaN }]);
});
