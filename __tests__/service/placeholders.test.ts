import { describe, expect, jest, test } from '@jest/globals';
import type { BatchRequest } from '../../local/engine/engine.ts';
import { goodBatch } from '../../local/engine/scripted.ts';
import { nonce, stage, type Stage } from './stage.ts';

jest.setTimeout(30_000);

async function submitted(inputs: Readonly<Record<string, string>>): Promise<Stage> {
  const play = await stage({ script: goodBatch('x\n'), inputs });
  await expect(play.run()).resolves.toBe(true);
  return play;
}

async function requestOf(
  inputs: Readonly<Record<string, string>>,
): Promise<BatchRequest | undefined> {
  const play = await submitted(inputs);
  return play.fabric.batches[0]?.request;
}

describe('{submission}, {run-id} and {attempt}', () => {
  test('are replaced in args', async () => {
    const args = ['--out=Files/{run-id}/{attempt}/{submission}', '{attempt}', 'plain'];
    const request = await requestOf({ args: args.join('\n') });
    expect(request?.args).toEqual([`--out=Files/9000000001/1/${nonce(0)}`, '1', 'plain']);
  });

  test('are replaced in args that are given as JSON', async () => {
    const request = await requestOf({ args: '["{run-id}", "a {attempt} b"]' });
    expect(request?.args).toEqual(['9000000001', 'a 1 b']);
  });

  test.each([
    ['lines', 'spark.app.out={run-id}/{attempt}/{submission}\nspark.app.{attempt}=x'],
    ['JSON', '{"spark.app.out": "{run-id}/{attempt}/{submission}", "spark.app.{attempt}": "x"}'],
  ])('are replaced in the values of conf, not in its keys (%s)', async (_, conf) => {
    const request = await requestOf({ conf });
    expect(request?.conf).toEqual({
      'spark.app.out': `9000000001/1/${nonce(0)}`,
      'spark.app.{attempt}': 'x',
    });
  });

  test('are each replaced wherever they stand, and what was put in is not read again', async () => {
    const play = await stage({
      script: goodBatch('x\n'),
      inputs: { args: '{attempt}{attempt}\n{{attempt}}\n{run-id}' },
      env: { GITHUB_RUN_ATTEMPT: '1', GITHUB_RUN_ID: '{attempt}$&' },
    });
    await play.run();
    expect(play.fabric.batches[0]?.request.args).toEqual(['11', '{1}', '{attempt}$&']);
  });

  test('are the only words: others stay as they are', async () => {
    const args = ['{words}', '{Attempt}', '{ attempt }', '{run_id}', '${attempt', '{}', '{"a":1}'];
    const request = await requestOf({ args: args.join('\n') });
    expect(request?.args).toEqual(args);
  });

  test('have the values of the second submission when the first was refused by the capacity', async () => {
    let refused = 0;
    const play = await stage({
      script: ({ request }) =>
        request.tags?.['submission'] === nonce(0) && refused++ === 0
          ? {
              steps: [
                {
                  at: 1,
                  phase: 'error',
                  error: { code: 'TooManyRequestsForCapacity', message: 'HTTP Response code 430' },
                },
              ],
            }
          : goodBatch('x\n'),
      inputs: { args: '{submission}' },
    });
    await expect(play.run()).resolves.toBe(true);
    const requests = play.fabric.batches.map(({ request }) => request);
    expect(requests).toHaveLength(2);
    for (const { args, tags } of requests) expect(args).toEqual([tags?.['submission']]);
    expect(requests[0]?.args).not.toEqual(requests[1]?.args);
  });

  test('leave the fingerprint the same over submissions, attempts and runs', async () => {
    const inputs = { args: '{submission}\n{attempt}', conf: 'spark.app.run={run-id}' };
    const play = await submitted(inputs);
    await play.step().run();
    await play.step({ env: { GITHUB_RUN_ATTEMPT: '2', GITHUB_RUN_ID: '9000000002' } }).run();
    const requests = play.fabric.batches.map(({ request }) => request);
    expect(new Set(requests.map(({ tags }) => tags?.['submission'])).size).toBe(3);
    expect(new Set(requests.map(({ tags }) => tags?.['fingerprint'])).size).toBe(1);
    await play.step({ inputs: { args: '{submission}\n1' } }).run();
    const [other] = play.fabric.batches;
    expect(other?.request.tags?.['fingerprint']).not.toBe(requests[0]?.tags?.['fingerprint']);
  });
});
