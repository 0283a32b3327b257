import { uploadFolderName } from '../../src/job/upload-folder.ts';
import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import type { RequestLine } from '../../local/faults.ts';
import type { WorkflowRun } from '../../local/github/settings.ts';
import { isBatches, isList, stage, type Stage, type StageOptions, owner } from './stage.ts';
import type { Step, StepOptions } from './step.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const long: BatchScript = {
  steps: [
    { at: 5, phase: 'running' },
    { at: 36_000, phase: 'success' },
  ],
};
const runs: Record<string, WorkflowRun> = {
  '9000000001': { status: 'completed', conclusion: 'cancelled' },
  '9000000002': { status: 'in_progress' },
  '9000000003': { status: 'queued' },
  '9000000099': { status: 'completed', conclusion: 'success' },
};
const [ended, going, waiting] = ['9000000001', '9000000002', '9000000003'];
const unknown = '9000000404';
const own = '9000000099';

function scene(options: Partial<StageOptions> = {}): Promise<Stage> {
  const settings = { github: { runs }, ...options.settings };
  return stage({ script: long, ...options, settings });
}

/** The id of a batch that a killed step of a workflow run left at work. */
async function left(play: Stage, runId: string, options: StepOptions = {}): Promise<string> {
  const step = play.step({ ...options, env: { GITHUB_RUN_ID: runId, ...options.env } });
  await step.runUntilKilled((kill) => play.afterSubmit(minute, kill));
  return step.runner.outputs['batch-id'] ?? '';
}

function sweep(play: Stage, options: StepOptions = {}): Step {
  return play.step({
    ...options,
    inputs: {
      operation: 'sweep',
      'github-token': play.fabric.githubToken,
      ...options.inputs,
    },
    env: { GITHUB_RUN_ID: own, ...options.env },
    without: ['file'],
  });
}

function killed(play: Stage): string[] {
  return play.fabric.batches
    .filter((batch) => batch.snapshot().phase === 'killed')
    .map(({ id }) => id);
}

function asksGitHub({ host, path }: RequestLine): boolean {
  return host === 'issuer' && path.includes('/actions/runs/');
}

describe('batches', () => {
  test('of a run that has completed are cancelled, those of a run at work are left', async () => {
    const play = await scene();
    const orphans = [await left(play, ended), await left(play, ended)];
    await left(play, going);
    await left(play, waiting);
    const step = sweep(play);
    await expect(step.run()).resolves.toBe(true);
    expect(killed(play).sort()).toEqual(orphans.sort());
    expect(step.runner.outputs['result']).toBe('Checked');
    expect(step.runner.outputs['error-code'] ?? '').toBe('');
    expect(step.runner.errors).toEqual([]);
    for (const id of orphans) expect(step.runner.story).toContain(id);
  });

  test.each([
    ['that were handed over', ended, 'detached'],
    ['of another repository', ended, 'repository'],
    ['of this very run', own, ''],
    ['of a run that GitHub answers with 404', unknown, ''],
  ])('%s are left', async (_, runId, kind) => {
    const play = await scene();
    if (kind === 'detached') {
      await play.step({ inputs: { wait: 'false' }, env: { GITHUB_RUN_ID: runId } }).run();
    } else {
      const other = kind === 'repository' ? { GITHUB_REPOSITORY: 'octo-org/reports' } : {};
      await left(play, runId, { env: other });
    }
    const orphan = await left(play, ended);
    await expect(sweep(play).run()).resolves.toBe(true);
    expect(killed(play)).toEqual([orphan]);
    expect(play.batchRequests('DELETE')).toHaveLength(1);
  });

  test('without tags are left', async () => {
    const play = await scene({ settings: { github: { runs }, tagsKept: false } });
    await left(play, ended);
    await sweep(play).run();
    expect(play.batchRequests('DELETE')).toEqual([]);
  });

  test('that have ended get no DELETE', async () => {
    const short: BatchScript = { steps: [{ at: 120, phase: 'success' }] };
    const play = await scene({ script: short });
    await left(play, ended);
    await play.time.sleep(5 * minute);
    await expect(sweep(play).run()).resolves.toBe(true);
    expect(play.batchRequests('DELETE')).toEqual([]);
  });

  test('on every page of the list are found', async () => {
    const play = await scene({ settings: { github: { runs }, pageSize: 1 } });
    const orphan = await left(play, ended);
    await left(play, going);
    await left(play, going);
    await expect(sweep(play).run()).resolves.toBe(true);
    expect(killed(play)).toEqual([orphan]);
  });

  test('in a dry-run are only told', async () => {
    const play = await scene();
    const orphan = await left(play, ended);
    const step = sweep(play, { inputs: { 'dry-run': 'true' } });
    await expect(step.run()).resolves.toBe(true);
    expect(play.batchRequests('DELETE')).toEqual([]);
    expect(play.fabric.batches[0]?.active).toBe(true);
    expect(step.runner.story).toContain(orphan);
  });

  test('post touches nothing afterwards', async () => {
    const play = await scene();
    await left(play, going);
    const step = sweep(play);
    await step.run();
    const before = play.fabric.requests.length;
    await step.post();
    expect(play.fabric.requests).toHaveLength(before);
  });
});

describe('SWEEP_INCOMPLETE', () => {
  async function incomplete(play: Stage, step: Step): Promise<string> {
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Checked',
      'error-code': 'SWEEP_INCOMPLETE',
    });
    expect(killed(play)).toEqual([]);
    return step.runner.onlyError.message;
  }

  test('when the token may not read runs (403): the permission is named', async () => {
    const play = await scene();
    await left(play, ended);
    play.fabric.faults.add({
      when: asksGitHub,
      fault: {
        kind: 'answer',
        status: 403,
        body: '{"message":"Resource not accessible by integration"}',
      },
    });
    await expect(incomplete(play, sweep(play))).resolves.toContain('actions: read');
  });

  test('when GitHub does not know the token (401)', async () => {
    const play = await scene();
    await left(play, ended);
    const step = sweep(play, { inputs: { 'github-token': 'ghs_of_another_job_0123456789' } });
    await expect(incomplete(play, step)).resolves.toContain('actions: read');
  });

  test('when a DELETE is refused', async () => {
    const play = await scene();
    const orphan = await left(play, ended);
    play.fabric.faults.add({
      when: (line) => isBatches(line) && line.method === 'DELETE',
      fault: { kind: 'answer', status: 403 },
    });
    await expect(incomplete(play, sweep(play))).resolves.toContain(orphan);
  });

  test('a refused one does not keep the others', async () => {
    const play = await scene();
    const orphans = [await left(play, ended), await left(play, ended)];
    play.fabric.faults.add({
      when: (line) => line.method === 'DELETE' && line.path.includes(orphans[0] ?? ''),
      fault: { kind: 'answer', status: 403 },
    });
    await expect(sweep(play).run()).resolves.toBe(false);
    expect(killed(play)).toEqual([orphans[1]]);
  });
});

test('a list that cannot be read: LIST_UNREADABLE, and nothing is deleted', async () => {
  const play = await scene();
  await left(play, ended);
  play.putInLakehouse(
    `Files/.github/${uploadFolderName('0a'.repeat(16), owner)}/main.py`,
    '',
    30 * 24 * 60 * minute,
  );
  play.fabric.faults.add({ when: isList, fault: { kind: 'answer', status: 500 } });
  const step = sweep(play);
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs['error-code']).toBe('LIST_UNREADABLE');
  expect(play.batchRequests('DELETE')).toEqual([]);
  expect(play.writes).toEqual([]);
});

test('a run whose state GitHub cannot tell now (500): its batch is left', async () => {
  const play = await scene();
  await left(play, ended);
  play.fabric.faults.add({ when: asksGitHub, fault: { kind: 'answer', status: 500 } });
  await sweep(play).run();
  expect(killed(play)).toEqual([]);
});

test('a sweep without github-token sends nothing to GitHub and cancels nothing', async () => {
  const play = await scene();
  await left(play, ended);
  const step = sweep(play, { inputs: { 'github-token': '' } });
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.onlyError.message).toContain('github-token');
  expect(play.fabric.requests.filter(asksGitHub)).toEqual([]);
  expect(play.batchRequests('DELETE')).toEqual([]);
});

test('the token of GitHub goes to GitHub only, and that of Fabric never goes there', async () => {
  const play = await scene();
  await left(play, ended);
  play.putInLakehouse(
    `Files/.github/${uploadFolderName('0a'.repeat(16), owner)}/main.py`,
    '',
    30 * 24 * 60 * minute,
  );
  const step = sweep(play);
  await expect(step.run()).resolves.toBe(true);
  const { githubToken, hosts } = play.fabric;
  const toGitHub = step.sent.filter(({ url }) => url.startsWith(hosts.issuer));
  expect(toGitHub.length).toBeGreaterThan(0);
  for (const request of toGitHub) {
    expect(request.headers?.['authorization']).toMatch(/^(?:Bearer|token) \S+$/);
    expect(request.headers?.['authorization']).toContain(githubToken);
    expect(JSON.stringify(request)).not.toMatch(/eyJ/);
  }
  const elsewhere = step.sent.filter(({ url }) => !url.startsWith(hosts.issuer));
  expect(elsewhere.length).toBeGreaterThan(2);
  for (const request of elsewhere) {
    expect(JSON.stringify(request)).not.toContain(githubToken);
    expect(JSON.stringify(request)).not.toContain(play.fabric.hosts.issuer);
  }
  expect(step.runner.story).not.toContain(githubToken);
});
