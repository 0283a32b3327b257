import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import { defaultIds, type ApplicationSettings } from '../../local/settings.ts';
import { isBatches, isList, stage, type Stage, type StageOptions } from './stage.ts';

jest.setTimeout(30_000);

const viewer: ApplicationSettings = {
  clientId: defaultIds.client,
  objectId: defaultIds.principal,
  name: 'the-client',
  secret: 'a-secret-of-the-tests-0123456789',
  federatedCredentials: [],
  roles: { [defaultIds.workspace]: 'viewer' },
};

/** A dry run whose main file is in the lakehouse. */
async function dry(options: Partial<StageOptions> = {}): Promise<Stage> {
  const play = await stage({
    script: goodBatch('x\n', 60),
    ...options,
    inputs: { 'dry-run': 'true', ...options.inputs },
  });
  play.putInLakehouse('Files/jobs/main.py', 'print(1)\n');
  return play;
}

/** The lines of the checks: what is proved, and what is not. */
function told(play: Stage): { proved: string; notProved: string } {
  const lines = play.story.split('\n');
  return {
    proved: lines.filter((line) => /^\W*Proved/i.test(line)).join('\n'),
    notProved: lines.filter((line) => /^\W*Not proved/i.test(line)).join('\n'),
  };
}

describe('a dry run', () => {
  test('submits nothing, says what is proved and what is not, and is green as Checked', async () => {
    const play = await dry();
    await expect(play.run()).resolves.toBe(true);
    expect(play.batchRequests('POST')).toEqual([]);
    expect(play.fabric.batches).toEqual([]);
    expect(play.runner.outputs).toMatchObject({
      result: 'Checked',
      submission: 'none',
      'workspace-id': defaultIds.workspace,
      'lakehouse-id': defaultIds.lakehouse,
    });
    expect(play.runner.outputs['error-code'] ?? '').toBe('');
    expect(play.runner.errors).toEqual([]);
    const { proved, notProved } = told(play);
    expect(proved).not.toBe('');
    expect(notProved).not.toBe('');
  });

  test('reads the list', async () => {
    const play = await dry();
    await play.run();
    expect(play.fabric.requests.filter(isList)).not.toEqual([]);
  });

  test.each([
    ['a local main file', { file: 'main.py' }],
    ['a main file in the lakehouse', {}],
  ])('with %s writes a probe file and deletes it', async (_, inputs) => {
    const play = await dry({ inputs, files: { 'main.py': 'print(1)\n' } });
    await expect(play.run()).resolves.toBe(true);
    expect(play.writes.map(({ method }) => method)).toEqual(
      expect.arrayContaining(['PUT', 'DELETE']),
    );
    expect(play.writes.at(-1)?.method).toBe('DELETE');
    expect(play.writes.every(({ path }) => path.includes('.github'))).toBe(true);
    const uploads = play.inLakehouse('Files/.github');
    expect(existsSync(uploads) ? readdirSync(uploads, { recursive: true }) : []).toEqual([]);
    expect(existsSync(play.inLakehouse('Files/jobs/main.py'))).toBe(true);
  });

  test('writes the probe under upload-path', async () => {
    const play = await dry({ inputs: { 'upload-path': 'Files/staging/uploads' } });
    await expect(play.run()).resolves.toBe(true);
    expect(play.writes.length).toBeGreaterThan(0);
    expect(play.writes.every(({ path }) => path.includes('/Files/staging/uploads'))).toBe(true);
  });

  test('looks names up', async () => {
    const play = await dry({ inputs: { workspace: 'analytics', lakehouse: 'orders' } });
    await expect(play.run()).resolves.toBe(true);
    expect(play.runner.outputs['lakehouse-id']).toBe(defaultIds.lakehouse);
  });

  test('leaves nothing to post', async () => {
    const play = await dry();
    await play.run();
    const before = play.fabric.requests.length;
    const post = await play.post();
    expect(play.fabric.requests).toHaveLength(before);
    expect([...post.warnings, ...post.errors]).toEqual([]);
  });

  test('that is killed over its probe leaves the probe to post, which deletes it', async () => {
    const play = await dry();
    const step = play.step();
    await step.runUntilKilled((kill) =>
      play.once(({ host, path }) => host === 'onelake' && path.includes('action=append'), kill),
    );
    const uploads = play.inLakehouse('Files/.github');
    expect(readdirSync(uploads)).toHaveLength(1);
    await step.post();
    expect(readdirSync(uploads)).toEqual([]);
    expect(play.batchRequests('DELETE')).toEqual([]);
  });

  test('of a re-run attaches to nothing', async () => {
    const play = await stage({ script: goodBatch('x\n', 600), inputs: { 'run-key': 'a' } });
    play.putInLakehouse('Files/jobs/main.py', 'print(1)\n');
    await play.step().runUntilKilled((kill) => play.afterSubmit(60_000, kill));
    const step = play.step({ inputs: { 'dry-run': 'true' }, env: { GITHUB_RUN_ATTEMPT: '2' } });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs).toMatchObject({ result: 'Checked', submission: 'none' });
    expect(play.fabric.batches.map(({ active }) => active)).toEqual([true]);
    expect(play.batchRequests('DELETE')).toEqual([]);
  });
});

describe('a dry run is red', () => {
  test("without the right to write, with the service's refusal; the other checks are told", async () => {
    const play = await dry({
      settings: { applications: [viewer] },
      inputs: { 'client-secret': viewer.secret ?? '' },
    });
    await expect(play.run()).resolves.toBe(false);
    expect(play.error.message).toContain('403');
    expect(play.runner.outputs['error-code']).toBe('FORBIDDEN');
    expect(play.fabric.requests.filter(isList)).not.toEqual([]);
    expect(told(play).proved).toMatch(/list/i);
  });

  test('when the main file is not in the lakehouse', async () => {
    const play = await dry({ inputs: { file: 'Files/jobs/other.py' } });
    await expect(play.run()).resolves.toBe(false);
    expect(play.error.message).toContain('Files/jobs/other.py');
    expect(play.runner.outputs['error-code']).toBe('NOT_FOUND');
    expect(told(play).proved).toMatch(/list/i);
  });

  test('when the list cannot be read; the upload is told all the same', async () => {
    const play = await dry();
    play.fabric.faults.add({ when: isList, fault: { kind: 'answer', status: 403 } });
    await expect(play.run()).resolves.toBe(false);
    expect(play.writes.map(({ method }) => method)).toContain('DELETE');
    expect(told(play).proved).not.toBe('');
  });

  test('when the sign-in is refused', async () => {
    const play = await dry({ inputs: { 'client-secret': 'not-the-secret-at-all' } });
    await expect(play.run()).resolves.toBe(false);
    expect(play.runner.outputs['error-code']).toBe('SIGN_IN_REFUSED');
    expect(play.fabric.requests.filter(isBatches)).toEqual([]);
  });
});

describe('tags of the listed batches', () => {
  async function afterBatch(settings: NonNullable<StageOptions['settings']>): Promise<string> {
    const play = await dry({ settings });
    await play.step({ inputs: { 'dry-run': 'false' } }).run();
    const step = play.step();
    await expect(step.run()).resolves.toBe(true);
    return step.runner.story
      .split('\n')
      .filter((line) => /\btags?\b/i.test(line))
      .join('\n');
  }

  test('that the server keeps are said to be there, those that it drops to be missing', async () => {
    const kept = await afterBatch({});
    const dropped = await afterBatch({ tagsKept: false });
    expect(dropped).not.toBe('');
    expect(kept).not.toBe(dropped);
  });
});
