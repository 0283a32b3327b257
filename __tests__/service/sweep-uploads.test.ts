import { existsSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import { defaultIds } from '../../local/settings.ts';
import { uploadFolderName } from '../../src/job/upload-folder.ts';
import { isStatus, stage, type Stage, type StageOptions, uploadName, owner } from './stage.ts';
import type { Step, StepOptions } from './step.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const day = 24 * 60 * minute;
const weeks: BatchScript = {
  steps: [
    { at: 5, phase: 'running' },
    { at: 100 * 86_400, phase: 'success' },
  ],
};
const folder = uploadFolderName('0123456789abcdef'.repeat(2), owner);

function scene(options: Partial<StageOptions> = {}): Promise<Stage> {
  return stage({
    script: weeks,
    ...options,
    settings: {
      github: { runs: { '9000000001': { status: 'in_progress' } } },
      ...options.settings,
    },
  });
}

function sweep(play: Stage, options: StepOptions = {}): Step {
  return play.step({
    ...options,
    inputs: {
      operation: 'sweep',
      'github-token': play.fabric.githubToken,
      ...options.inputs,
    },
    env: { GITHUB_RUN_ID: '9000000099' },
    without: ['file'],
  });
}

async function swept(play: Stage, options: StepOptions = {}): Promise<Step> {
  const step = sweep(play, options);
  await expect(step.run()).resolves.toBe(true);
  expect(step.runner.errors).toEqual([]);
  return step;
}

describe('an upload folder', () => {
  test('older than 7 days is deleted with all that is in it, and told', async () => {
    const play = await scene();
    play.putInLakehouse(`Files/.github/${folder}/main.py`, 'x', 7 * day + minute);
    const step = await swept(play);
    expect(existsSync(play.inLakehouse(`Files/.github/${folder}`))).toBe(false);
    expect(step.runner.story).toContain(folder);
  });

  test('younger than 7 days is kept', async () => {
    const play = await scene();
    play.putInLakehouse(`Files/.github/${folder}/main.py`, 'x', 7 * day - 10 * minute);
    await swept(play);
    expect(existsSync(play.inLakehouse(`Files/.github/${folder}/main.py`))).toBe(true);
  });

  test.each([
    ['behind', -30 * day],
    ['ahead', 30 * day],
  ])("is judged by OneLake's clock, not by a runner's that is far %s", async (_, clockAhead) => {
    const play = await scene();
    const [young, old] = ['aa', 'bb'].map((digits) => uploadFolderName(digits.repeat(16), owner));
    play.putInLakehouse(`Files/.github/${young}/main.py`, 'x', 6 * day);
    play.putInLakehouse(`Files/.github/${old}/main.py`, 'x', 8 * day);
    await swept(play, { clockAhead });
    expect(existsSync(play.inLakehouse(`Files/.github/${young}/main.py`))).toBe(true);
    expect(existsSync(play.inLakehouse(`Files/.github/${old}`))).toBe(false);
  });

  test.each([
    'orders',
    'd41d8cd98f00b204e9800998ecf8427e',
    uploadFolderName('ab'.repeat(16), { ...owner, repository: 'octo-org/reports' }),
    uploadFolderName('ab'.repeat(16), { ...owner, serverUrl: 'https://ghe.example.com' }),
    folder.slice(1),
    `${folder}0`,
    `x${folder.slice(1)}`,
    `${folder}.old`,
    folder.replaceAll('a', 'g'),
  ])('of another name is kept: %s', async (name) => {
    const play = await scene();
    play.putInLakehouse(`Files/.github/${name}/main.py`, 'x', 100 * day);
    await swept(play);
    expect(existsSync(play.inLakehouse(`Files/.github/${name}/main.py`))).toBe(true);
    expect(play.writes).toEqual([]);
  });

  test('elsewhere is kept, and that under upload-path is deleted', async () => {
    const play = await scene();
    play.putInLakehouse(`Files/.github/${folder}/main.py`, 'x', 8 * day);
    play.putInLakehouse(`Files/staging/uploads/${folder}/main.py`, 'x', 8 * day);
    await swept(play, { inputs: { 'upload-path': 'Files/staging/uploads' } });
    expect(existsSync(play.inLakehouse(`Files/.github/${folder}/main.py`))).toBe(true);
    expect(existsSync(play.inLakehouse(`Files/staging/uploads/${folder}`))).toBe(false);
  });

  test('that an active batch uses is kept; when it has ended it is deleted', async () => {
    const play = await scene({ files: { 'main.py': 'print(1)\n' } });
    const first = play.step({ inputs: { file: 'main.py' } });
    await first.runUntilKilled((kill) => play.afterSubmit(minute, kill));
    await play.time.sleep(9 * day);
    const upload = play.inLakehouse(`Files/.github/${uploadName(0)}`);
    await swept(play);
    expect(play.fabric.batches[0]?.active).toBe(true);
    expect(existsSync(upload)).toBe(true);
    play.fabric.batches[0]?.cancel();
    await swept(play);
    expect(existsSync(upload)).toBe(false);
  });

  test('that an active batch names which somebody else submitted is kept', async () => {
    const play = await scene();
    play.putInLakehouse(`Files/.github/${folder}/main.py`, 'x', 9 * day);
    const other = play.step({
      inputs: {
        file: `abfss://${defaultIds.workspace}@onelake.dfs.fabric.microsoft.com/${defaultIds.lakehouse}/Files/.github/${folder}/main.py`,
        wait: 'false',
      },
      env: { GITHUB_REPOSITORY: 'octo-org/reports' },
    });
    await other.run();
    await swept(play);
    expect(existsSync(play.inLakehouse(`Files/.github/${folder}/main.py`))).toBe(true);
  });

  test('on every page of the listing is found', async () => {
    const play = await scene({ settings: { pageSize: 1 } });
    const names = ['aa', 'bb', 'cc'].map((digits) => uploadFolderName(digits.repeat(16), owner));
    for (const name of names) play.putInLakehouse(`Files/.github/${name}/main.py`, 'x', 8 * day);
    await swept(play);
    for (const name of names)
      expect(existsSync(play.inLakehouse(`Files/.github/${name}`))).toBe(false);
  });

  test('in a dry-run is only told', async () => {
    const play = await scene();
    play.putInLakehouse(`Files/.github/${folder}/main.py`, 'x', 8 * day);
    const step = await swept(play, { inputs: { 'dry-run': 'true' } });
    expect(existsSync(play.inLakehouse(`Files/.github/${folder}/main.py`))).toBe(true);
    expect(step.runner.story).toContain(folder);
    expect(play.writes).toEqual([]);
  });

  test('that cannot be deleted: SWEEP_INCOMPLETE', async () => {
    const play = await scene();
    play.putInLakehouse(`Files/.github/${folder}/main.py`, 'x', 8 * day);
    play.fabric.faults.add({
      when: ({ host, method }) => host === 'onelake' && method === 'DELETE',
      fault: { kind: 'answer', status: 403 },
    });
    const step = sweep(play);
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('SWEEP_INCOMPLETE');
    expect(step.runner.onlyError.message).toContain(folder);
  });
});

test('a lakehouse that has no upload-path yet is clean', async () => {
  const play = await scene();
  const step = await swept(play);
  expect(step.runner.outputs['result']).toBe('Checked');
});

test('while an active batch cannot be read no upload is deleted: it may need one', async () => {
  const play = await scene();
  await play.step({ env: { GITHUB_RUN_ID: '9000000001' }, inputs: { wait: 'false' } }).run();
  play.putInLakehouse(`Files/.github/${folder}/main.py`, 'x', 8 * day);
  const fault = { kind: 'answer', status: 500 } as const;
  play.fabric.faults.add({ when: isStatus, fault });
  const step = await swept(play);
  expect(existsSync(play.inLakehouse(`Files/.github/${folder}/main.py`))).toBe(true);
  expect(step.runner.story).toContain(`Left: Files/.github/${folder}`);
});
