import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import type { RequestLine } from '../../local/faults.ts';
import { defaultIds } from '../../local/settings.ts';
import { isList, isSubmit, stage, type Stage, type StageOptions, uploadName } from './stage.ts';

jest.setTimeout(30_000);

const content = 'print("orders")\n';
const names = { workspace: 'analytics', lakehouse: 'orders' };

/** A step that runs a file of the checkout and knows its lakehouse by names. */
function named(options: Partial<StageOptions> = {}): Promise<Stage> {
  return stage({
    script: goodBatch('x\n', 60),
    latency: 1_000,
    ...options,
    inputs: { ...names, file: 'main.py', ...options.inputs },
    files: { 'main.py': content, ...options.files },
  });
}

const byNames = ({ host, path }: RequestLine): boolean =>
  host === 'onelake' && path.startsWith('/analytics/orders.Lakehouse/');
const byIds = ({ host, path }: RequestLine): boolean =>
  host === 'onelake' && path.startsWith(`/${defaultIds.workspace}/${defaultIds.lakehouse}/`);
const isLakehouses = ({ path }: RequestLine): boolean => path.endsWith('/lakehouses');

function uploads(step: Stage): string[] {
  const folder = step.inLakehouse('Files/.github');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** What the batch would have found at its submit. */
function fileAtSubmit(step: Stage): () => string | undefined {
  let found: string | undefined;
  step.once(isSubmit, () => {
    found = readFileSync(step.inLakehouse(`Files/.github/${uploadName(0)}/main.py`), 'utf8');
  });
  return () => found;
}

describe('an upload that begins by names', () => {
  test('is staged while they are turned into ids, and published by the ids', async () => {
    const step = await named();
    const found = fileAtSubmit(step);
    await expect(step.run()).resolves.toBe(true);
    expect(found()).toBe(content);
    const [staged, published] = [step.writes.filter(byNames), step.writes.filter(byIds)];
    expect(staged.map(({ path }) => /resource=file|action=\w+/.exec(path)?.[0])).toEqual([
      'resource=file',
      'action=append',
    ]);
    expect(published[0]?.path).toContain('action=flush');
    const listed = step.fabric.requests.find(isLakehouses);
    expect(staged[0]?.at).toBeLessThanOrEqual(listed?.at ?? 0);
    expect(uploads(step)).toEqual([]);
  });

  test('of several files at once, small and empty ones too', async () => {
    const files = { 'a.py': 'a', 'b.py': '', 'c.py': 'c'.repeat(100_000), 'd.py': 'd' };
    const step = await named({ files, inputs: { 'py-files': '*.py' } });
    await expect(step.run()).resolves.toBe(true);
    expect(step.writes.filter(byNames).length).toBeGreaterThan(4);
    expect(step.writes.filter(byIds).filter(({ path }) => path.includes('flush'))).toHaveLength(5);
  });

  test.each([400, 403, 404])('goes by ids where OneLake answers names with %d', async (status) => {
    const step = await named();
    const found = fileAtSubmit(step);
    step.fabric.faults.add({ when: byNames, fault: { kind: 'answer', status } });
    await expect(step.run()).resolves.toBe(true);
    expect(found()).toBe(content);
    expect(uploads(step)).toEqual([]);
  });

  test('goes by ids where the names led to another file, which is taken away', async () => {
    const step = await named();
    const found = fileAtSubmit(step);
    const isFlush = (line: RequestLine): boolean => byIds(line) && line.path.includes('flush');
    step.fabric.faults.add({ when: isFlush, times: 1, fault: { kind: 'answer', status: 404 } });
    await expect(step.run()).resolves.toBe(true);
    expect(found()).toBe(content);
    expect(step.writes.filter(byNames).map(({ method }) => method)).toContain('DELETE');
    expect(step.writes.filter(byIds).filter(isFlush)).toHaveLength(2);
  });

  test('ends the step with what OneLake refuses by ids as well', async () => {
    const step = await named();
    step.fabric.faults.add({
      when: ({ host }) => host === 'onelake',
      fault: { kind: 'answer', status: 403 },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('FORBIDDEN');
    expect(step.batchRequests('POST')).toEqual([]);
  });

  test('is not made again for a service that fails', async () => {
    const step = await named();
    step.fabric.faults.add({
      when: ({ host }) => host === 'onelake',
      fault: { kind: 'answer', status: 503 },
    });
    const start = step.time.now();
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('SERVICE_UNREACHABLE');
    expect(step.writes.filter(byIds).filter(({ method }) => method !== 'DELETE')).toEqual([]);
    expect(step.time.now() - start).toBeLessThan(200_000);
  });
});

describe('nothing is left where nothing is submitted', () => {
  test('when the lakehouses may not be listed', async () => {
    const step = await named();
    let staged = false;
    step.fabric.faults.add({
      when: (line) => isLakehouses(line) && (staged ||= uploads(step).length > 0),
      fault: { kind: 'answer', status: 403 },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(staged).toBe(true);
    expect(step.runner.outputs['error-code']).toBe('FORBIDDEN');
    expect(uploads(step)).toEqual([]);
    expect(step.story).not.toContain('Uploaded:');
  });

  test('and nothing is tried to be taken away, when the sign-in is refused', async () => {
    const step = await named({ inputs: { 'client-secret': 'wrong' } });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('SIGN_IN_REFUSED');
    expect(step.runner.warnings).toEqual([]);
    expect(step.runner.states['upload-folder']).toBeUndefined();
  });

  test('when there is no lakehouse of that name: the words are of the name', async () => {
    const step = await named({ inputs: { lakehouse: 'ordres' } });
    await expect(step.run()).resolves.toBe(false);
    expect(step.error.message).toContain('There is no lakehouse named "ordres"');
    expect(uploads(step)).toEqual([]);
    expect(step.story).not.toContain('Uploaded:');
  });

  test('after a signal in the middle of it, by post', async () => {
    const step = await named();
    step.once(isLakehouses, () => step.interrupt.raise('SIGINT'));
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['result']).toBe('Cancelled');
    expect(uploads(step)).toEqual([uploadName(0)]);
    await step.post();
    expect(uploads(step)).toEqual([]);
    expect(step.batchRequests('POST')).toEqual([]);
    expect(step.runner.states['lakehouse-id']).toBeUndefined();
  });

  test('after main was killed before it knew an id, by post', async () => {
    const step = await named();
    step.once(isLakehouses, () => step.interrupt.raise('SIGINT'));
    await expect(step.run()).resolves.toBe(false);
    expect(uploads(step)).toEqual([uploadName(0)]);
    const post = await step.post(['workspace-id', 'lakehouse-id', 'settled', 'cause']);
    expect(uploads(step)).toEqual([]);
    expect(post.warnings).toEqual([]);
  });

  test('but with keep-upload', async () => {
    const step = await named({ inputs: { 'keep-upload': 'true' } });
    await expect(step.run()).resolves.toBe(true);
    expect(uploads(step)).toEqual([uploadName(0)]);
  });
});

describe('an upload does not begin by names', () => {
  const early = (step: Stage): boolean => step.writes.some(byNames);

  test('on a higher attempt, which may follow a batch in its place', async () => {
    const step = await named({ env: { GITHUB_RUN_ATTEMPT: '2' } });
    await expect(step.run()).resolves.toBe(true);
    expect(early(step)).toBe(false);
    const listed = step.fabric.requests.findIndex(isList);
    const written = step.fabric.requests.findIndex(byIds);
    expect(listed).toBeGreaterThan(0);
    expect(written).toBeGreaterThan(listed);
  });

  test('in a dry run', async () => {
    const step = await named({ inputs: { 'dry-run': 'true' } });
    await expect(step.run()).resolves.toBe(true);
    expect(early(step)).toBe(false);
  });

  test('where a name may be spelled in another way in a URL', async () => {
    for (const workspace of ['analytics & co', 'analytics.', '../analytics', 'Año']) {
      const step = await named({ inputs: { workspace } });
      await expect(step.run()).resolves.toBe(false);
      expect(step.runner.outputs['error-code']).toBe('WORKSPACE_NOT_FOUND');
      expect(step.writes).toEqual([]);
    }
  });

  test('where one of the two is an id, or nothing is uploaded', async () => {
    for (const inputs of [{ workspace: defaultIds.workspace }, { file: 'Files/jobs/main.py' }]) {
      const step = await named({ inputs });
      await expect(step.run()).resolves.toBe(true);
      expect(early(step)).toBe(false);
    }
  });
});
