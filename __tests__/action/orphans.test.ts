import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { defaultIds, type LocalFabricSettings } from '../../local/settings.ts';
import { play, type Played } from './orphans-play.ts';
import { queueSeconds, rows, type Row } from './orphans-rows.ts';
import {
  isPython,
  isSparkSubmit,
  keyOf,
  ownChildren,
  Watch,
  type Process,
} from './orphans-watch.ts';
import { leaks } from './shown.ts';

jest.setTimeout(180_000);
/** Where PySpark is not in the cache yet it is fetched first. */
const fetching = 600_000;
/** Rows with a Spark of their own that are played at a time. */
const sideBySide = 5;

const all = rows.map((row) => ({ row, name: row.name, lakehouse: randomUUID() }));

let folder: string;
let fabrics: LocalFabric[] = [];
let watch: Watch;
let childrenBefore: ReadonlySet<string>;
const played = new Map<string, Promise<Played>>();

const over = new AbortController();

const isNew = (child: Process): boolean => !childrenBefore.has(keyOf(child));

/** So many places; who finds none waits for one. */
class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async with<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

/** For a report of a failure: what a process is, without its environment. */
const shown = ({ pid, state, program, commandLine }: Process): string =>
  `${pid} ${state} ${program} ${commandLine.slice(0, 200)}`;

/** What post said, a line each. */
const postSays = ({ result }: Played): string[] =>
  (result.post?.stdout ?? []).filter((line) => !line.startsWith('::add-mask::'));

// Only Linux shows each process's environment and state.
const describeWithProc = existsSync('/proc/self/stat') ? describe : describe.skip;

describeWithProc('nothing of a batch is left', () => {
  beforeAll(async () => {
    childrenBefore = new Set(ownChildren().map(keyOf));
    folder = mkdtempSync(join(tmpdir(), 'action-orphans-'));
    const stateFolder = join(folder, 'spark');
    watch = new Watch(join(stateFolder, 'batches'));
    const log = (): void => undefined;
    const engine = await sparkEngine({ stateFolder, log, maxConcurrent: all.length });
    const lakehouses = all.map(({ lakehouse, name }) => ({ id: lakehouse, name }));
    const settings: LocalFabricSettings = {
      engine,
      workspaces: [
        {
          id: defaultIds.workspace,
          name: 'analytics',
          capacityId: defaultIds.capacity,
          lakehouses,
        },
      ],
    };
    // How long batches wait in the queue is a setting of a whole Fabric.
    const [direct, queueing] = await Promise.all([
      startLocalFabric(settings),
      startLocalFabric({ ...settings, queueSeconds }),
    ]);
    fabrics = [direct, queueing];

    const free = new Places(sideBySide);
    for (const { row, name, lakehouse } of all) {
      const queued = row.phase === 'queued';
      const fabric = queued ? queueing : direct;
      const stage = {
        fabric,
        lakehouse,
        watch,
        folder: join(folder, lakehouse),
        over: over.signal,
      };
      const playing = queued ? play(row, stage) : free.with(() => play(row, stage));
      playing.catch(() => undefined);
      played.set(name, playing);
    }
  }, fetching);

  afterAll(async () => {
    over.abort();
    await Promise.allSettled(played.values());
    watch.close();
    for (const fabric of fabrics) await fabric.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(all)('$name', async ({ row, name }) => {
    const what = await played.get(name);
    if (what === undefined) throw new Error('This row was not played.');

    // One batch, and a DELETE for no other.
    expect(what.batches).toHaveLength(1);
    expect(what.posts).toBe(1);
    const [batch] = what.batches;
    expect([...new Set(what.deletes)]).toEqual([batch?.id]);
    expect(batch?.snapshot().phase).toBe('killed');

    // There was something to end, and nothing of it is left.
    if (row.phase === 'queued') {
      expect(what.ever.map(shown)).toEqual([]);
    } else {
      expect(what.before.some(isSparkSubmit)).toBe(true);
      if (row.phase === 'running') expect(what.before.some(isPython)).toBe(true);
    }
    expect(what.left.map(shown)).toEqual([]);
    expect(what.leftUploads).toEqual([]);

    // Where main had no chance the end was post's work.
    const hadNone = row.end === 'kill' || row.end === 'frozen' || row.phase === 'unlisted';
    if (hadNone || (row.delay === 12_000 && row.phase !== 'queued'))
      expect(what.betweenSteps.some(isSparkSubmit)).toBe(true);

    expectWords(row, what);
  });

  test('no child of this process is left, not even a zombie', async () => {
    await Promise.allSettled(played.values());
    for (let tries = 0; tries < 50 && ownChildren().some(isNew); tries += 1) await sleep(100);
    expect(ownChildren().filter(isNew).map(shown)).toEqual([]);
  });
});

/** What the workflow sees of a row: exit code, outputs, words. */
function expectWords(row: Row, what: Played): void {
  const { result, batches } = what;
  const killed = row.end === 'kill' || row.end === 'frozen';
  expect(result.main).toMatchObject(
    killed ? { exitCode: 137, signal: 'SIGKILL' } : { exitCode: 1, signal: undefined },
  );
  if (row.end === 'frozen') expect(what.mainSeconds).toBeGreaterThan(9.9);
  const cancelledRow = row.end === 'cancel' || row.end === 'frozen';
  expect(result.conclusion).toBe(cancelledRow ? 'cancelled' : 'failure');
  const { outputs } = result;
  if (row.end === 'timeout')
    expect(outputs).toMatchObject({ result: 'TimedOut', 'error-code': 'TIMEOUT' });
  if (row.end === 'cancel')
    expect(outputs).toMatchObject({ result: 'Cancelled', 'error-code': 'CANCELLED' });
  if (killed) {
    expect(outputs['result']).toBe('Unknown');
    expect(outputs['error-code']).toBeUndefined();
  }
  // Of an unlisted batch main never heard.
  expect(outputs['batch-id']).toBe(row.phase === 'unlisted' ? undefined : batches[0]?.id);

  expect(result.post).toMatchObject({ conclusion: 'success', exitCode: 0, stderr: [] });
  expect(result.post?.commands.annotations).toEqual([]);
  expect(postSays(what)).toEqual([
    expect.stringMatching(new RegExp(`^Batch ${batches[0]?.id ?? '-'}: stopped \\(.+\\)$`)),
  ]);
  const secrets = fabrics.map(({ clientSecret }) => clientSecret);
  expect(leaks(result, secrets)).toEqual([]);
}
