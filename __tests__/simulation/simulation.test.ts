import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { numberAt, textAt } from '../../src/http/json.ts';
import { expect, jest, test } from '@jest/globals';

jest.setTimeout(600_000);

/** Plays schedules in processes of their own; gives all that was said and the exit code. */
async function simulate(...options: string[]): Promise<{ code: number; said: string }> {
  const path = fileURLToPath(new URL('simulate.ts', import.meta.url));
  const command = ['--disable-warning=ExperimentalWarning', path, ...options];
  return promisify(execFile)(process.execPath, command, { maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (thrown: unknown) => ({
      code: numberAt(thrown, 'code') ?? 1,
      said: textAt(thrown, 'stdout') ?? messageOf(thrown),
    }),
  );
}

test('10,000 schedules of faults break no promise, and leave no fault and no result out', async () => {
  const { code, said } = await simulate('--runs', '10000');
  expect(`${said.trimEnd()}\nexit ${code}`).toMatch(/, 0 failed\nexit 0$/m);
});
