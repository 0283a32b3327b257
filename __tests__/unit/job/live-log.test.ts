import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { BearerClient } from '../../../src/auth/bearer.ts';
import { Tokens } from '../../../src/auth/tokens.ts';
import { HttpClient } from '../../../src/http/client.ts';
import { LiveLog } from '../../../src/job/live-log.ts';
import { fabricLogs } from '../../../src/log/batch-logs.ts';
import { FakeNetwork, type Reply } from '../http/fake-network.ts';
import { KeptRunner } from '../kept-runner.ts';
import { VirtualClock } from '../virtual-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'live-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let scenes = 0;

/** Keeps what a reader of the log sees: our own lines after `#`, folded lines indented under their title. */
class ReadRunner extends KeptRunner {
  readonly shown: string[] = [];
  readonly #pause: () => Promise<void>;

  /** `pause`: how long the output takes for each text. */
  constructor(clock: VirtualClock, pause: number) {
    super(clock);
    this.#pause = () => (pause > 0 ? clock.sleep(pause) : Promise.resolve());
  }

  override info(line: string): void {
    this.shown.push(`# ${line}`);
  }

  override notice(message: string): void {
    this.shown.push(`notice: ${message}`);
  }

  override remote(lines: readonly string[], group?: string): Promise<void> {
    if (group === undefined) this.shown.push(...lines);
    else this.shown.push(`▸ ${group}`, ...lines.map((line) => `  ${line}`));
    return this.#pause();
  }
}

/** What a server has of each application's streams, and of spark-submit's log under `none`. */
type Logs = Record<string, Record<string, string>>;

function replyFrom(logs: Logs, beyond: number, url: URL): Reply {
  const { searchParams: query } = url;
  const application = /\/applications\/([^/]+)\/logs$/.exec(url.pathname)?.[1] ?? '';
  const name = query.get('type') === 'livy' ? 'livy' : (query.get('fileName') ?? '');
  const text = logs[application]?.[name];
  if (text === undefined) return { status: 404 };
  if (query.has('meta'))
    return {
      status: 200,
      text: JSON.stringify({ containerLogMeta: { length: text.length + beyond } }),
    };
  return { status: 200, text: text.slice(Number(query.get('offset') ?? 0)) };
}

/**
 * `beyond`: bytes that each file is told to have and that are not served. `pause`: every reading is
 * answered with 429 and this `Retry-After`, in seconds. `slow`: milliseconds that the output takes for each text.
 */
function scene(
  logs: Logs,
  options: { limit?: number; beyond?: number; pause?: number; slow?: number } = {},
) {
  const clock = new VirtualClock();
  const runner = new ReadRunner(clock, options.slow ?? 0);
  const network = new FakeNetwork(clock, ({ url }) =>
    options.pause === undefined
      ? replyFrom(logs, options.beyond ?? 0, new URL(url))
      : { status: 429, headers: { 'retry-after': String(options.pause) } },
  );
  const tokens = new Tokens({
    clock,
    onNew: () => undefined,
    exchange: () => Promise.resolve({ value: 'token', expiresAt: clock.now() + 3_600_000 }),
  });
  const http = new HttpClient({ transport: network.transport, clock, random: () => 0.5 });
  const log = new LiveLog({
    runner,
    clock,
    logs: fabricLogs(new BearerClient({ http, tokens, scope: 's', origin: 'https://localhost' }), {
      workspaceId: 'w',
      lakehouseId: 'l',
      batchId: 'b',
    }),
    secrets: () => [],
    folder: join(folder, String(scenes++)),
    shown: 'both',
    limit: options.limit ?? 0,
    late: false,
  });
  const { signal } = new AbortController();
  return {
    clock,
    shown: runner.shown,
    asked: (what: string) => network.requests.some(({ url }) => url.includes(what)),
    tick: (application: string) => log.tick(application, signal),
    finish: (application: string | undefined) => log.finish(application, [], signal),
  };
}

describe('a tick', () => {
  test('shows stdout plainly, and its stderr as a folded group with its count, one line too', async () => {
    const logs = { a: { stdout: 'out 1\n', stderr: 'err 1\n' } };
    const { shown, tick } = scene(logs);
    await tick('a');
    expect(shown).toEqual(['out 1', '▸ Spark log, 1 line', '  err 1']);
    logs.a.stderr += 'err 2\nerr 3\n';
    await tick('a');
    expect(shown.slice(3)).toEqual(['▸ Spark log, 2 lines', '  err 2', '  err 3']);
  });

  test('of a new application shows the rest of the one before, then a headline', async () => {
    const logs = {
      a: { stdout: 'a 1\n', stderr: '' },
      b: { stdout: 'b 1\n', stderr: '' },
    };
    const { shown, tick } = scene(logs);
    await tick('a');
    logs.a.stdout += 'a 2\nno line feed';
    await tick('b');
    expect(shown).toEqual([
      'a 1',
      'a 2',
      'no line feed',
      '# A new application serves the batch: b.',
      'b 1',
    ]);
  });

  test('that goes beyond the limit says so by a notice', async () => {
    const { shown, tick } = scene({ a: { stdout: '1234\n5678\nlong\n' } }, { limit: 10 });
    await tick('a');
    expect(shown.slice(0, 2)).toEqual(['1234', '5678']);
    expect(shown[2]).toMatch(/^notice: stdout is longer than log-limit/);
    expect(shown).toHaveLength(3);
  });
});

describe('the end', () => {
  test('tells how much of a stream the server did not serve', async () => {
    const { shown, finish } = scene({ a: { stdout: 'out\n', stderr: '' } }, { beyond: 17 });
    await finish('a');
    expect(shown).toContain('# Fabric did not serve the last 17 bytes of stdout.');
  });

  test.each([
    ['an hour and more', 7_200],
    ['a day', 86_400],
  ])('does not wait for a log that asks for a pause of %s, and says so', async (_, pause) => {
    const { clock, shown, finish } = scene({ a: {} }, { pause });
    const start = clock.now();
    await finish('a');
    expect(clock.now() - start).toBeLessThan(5 * 60_000);
    expect(shown.join('\n')).toMatch(/stdout could not be read to its end .* may be missing/);
  });

  test('waits for a log that asks for a pause of minutes', async () => {
    const { clock, finish } = scene({ a: {} }, { pause: 240 });
    const start = clock.now();
    await finish('a');
    expect(clock.now() - start).toBeGreaterThan(240_000);
  });

  test('waits for an output that takes minutes, which is no silence of the service', async () => {
    const { clock, shown, finish } = scene(
      { a: { stdout: 'out\n', stderr: '' } },
      { slow: 200_000 },
    );
    const start = clock.now();
    await finish('a');
    expect(clock.now() - start).toBeGreaterThanOrEqual(200_000);
    expect(shown).toEqual(['out']);
  });

  test('tells of no loss where there is none', async () => {
    const { shown, finish } = scene({ a: { stdout: 'out\n', stderr: '' } });
    await finish('a');
    expect(shown).toEqual(['out']);
  });

  test('asks for the Livy log only where there is no driver log, even an empty one', async () => {
    const none = { livy: 'spark-submit says why\n' };
    const { shown, asked, finish } = scene({ none, a: { stdout: '', stderr: '' } });
    await finish('a');
    expect(asked('type=livy')).toBe(false);
    expect(shown).toEqual([]);
    const without = scene({ none });
    await without.finish('a');
    expect(without.shown).toEqual([
      '# There is no driver log; this is the Livy log (spark-submit).',
      'spark-submit says why',
    ]);
  });
});
