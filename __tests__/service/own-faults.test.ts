import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import { cleanUp } from '../../src/cleanup.ts';
import { isStatus, stage, type Stage } from './stage.ts';

jest.setTimeout(30_000);

/** Rule 3: trouble of our own beside the batch is one warning, and the verdict stands. */
async function expectGreen(step: Stage, warning: string): Promise<void> {
  await expect(step.run()).resolves.toBe(true);
  expect(step.runner.outputs).toMatchObject({ result: 'Succeeded' });
  expect(step.runner.outputs['error-code'] ?? '').toBe('');
  expect(step.runner.warnings).toEqual([expect.stringContaining(warning)]);
  expect(step.runner.errors).toEqual([]);
  expect(step.batchRequests('DELETE')).toEqual([]);
}

test('the log cannot be shown to its end', async () => {
  const step = await stage({ script: goodBatch('the last line has no line feed') });
  step.runner.remote = () => Promise.reject(new TypeError('a bug of ours'));
  await expectGreen(step, 'The log is not shown to its end: a bug of ours');
});

test('the disk is full: it costs the file, not the shown log', async () => {
  const step = await stage({ script: goodBatch('one\ntwo\n') });
  writeFileSync(join(step.folder, 'temp'), 'a file where the folder of the log should be');
  await expectGreen(step, 'The file of stdout under log-path is not complete');
  expect(step.runner.lines).toEqual(expect.arrayContaining(['one', 'two']));
});

test('the summary cannot be written', async () => {
  const step = await stage({ script: goodBatch('x\n') });
  step.runner.summary = () => Promise.reject(new Error('no space left on device'));
  await expectGreen(step, 'The job summary could not be written: no space left on device');
});

test('the upload cannot be deleted', async () => {
  const step = await stage({
    script: goodBatch('x\n'),
    inputs: { file: 'main.py' },
    files: { 'main.py': 'print(1)\n' },
  });
  step.fabric.faults.add({
    when: ({ host, method }) => host === 'onelake' && method === 'DELETE',
    fault: { kind: 'answer', status: 403 },
  });
  await expectGreen(step, 'The upload could not be deleted: Files/.github/');
});

test('post has a bug: a warning, and no verdict', async () => {
  const step = await stage({
    script: { steps: [{ at: 5, phase: 'running' }] },
    inputs: { 'outage-minutes': '1' },
  });
  const mend = step.fabric.faults.add({ when: isStatus, fault: { kind: 'answer', status: 500 } });
  await step.run();
  mend();
  const { runner } = step.secondStep();
  const { settled, cause, ...states } = step.runner.states;
  expect([settled, cause]).toEqual(['left running', 'error']);
  Object.assign(runner.states, states);
  runner.info = () => {
    throw new TypeError('a bug of ours');
  };
  await expect(cleanUp(step.worldOf(runner))).resolves.toBe(true);
  expect(runner.warnings).toEqual(['The clean-up could not be finished: a bug of ours']);
  expect(runner.errors).toEqual([]);
});
