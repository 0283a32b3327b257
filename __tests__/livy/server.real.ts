import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { LivyServer } from '../../local/livy/server.ts';
import { scalaJar } from '../action/scala-jar.ts';
import { until } from '../action/bench.ts';
import { LivyBench, ask, submit } from './bench.ts';

jest.setTimeout(240_000);

let bench: LivyBench;
let server: LivyServer;

beforeAll(async () => {
  bench = await LivyBench.start();
  server = await bench.server();
}, 900_000);

afterAll(async () => {
  await bench.close();
});

const staying = `
import time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("counted", spark.range(100).count(), flush=True)
for second in range(600):
    time.sleep(1)
    print("second", second, flush=True)
`;

/** Prints numbered lines in bursts; each burst is faster than anyone polls. */
const printing = `
import sys, time
bursts, lines = int(sys.argv[1]), int(sys.argv[2])
for burst in range(bursts):
    for line in range(lines):
        print("line", burst * lines + line)
    sys.stdout.flush()
    time.sleep(4)
`;

function running(path: string): boolean {
  const table = execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' });
  return table.split('\n').some((line) => line.includes(path) && !line.startsWith('ps '));
}

describe('batches on a real Apache Livy', () => {
  test("Spark's own pi.py is green, and its log is shown", async () => {
    const result = await bench.step({
      'livy-url': server.url,
      file: join(bench.examples, 'pi.py'),
      args: '2',
    }).done;
    expect(result).toMatchObject({ conclusion: 'success', annotations: [] });
    expect(result.main.commands.lines.join('\n')).toMatch(/Pi is roughly 3\.\d+/);
    expect(result.outputs).toMatchObject({ result: 'Succeeded', state: 'success' });
    expect(result.outputs['run-url']).toMatch(/\/ui\/batch\/\d+\/log$/);
    expect(result.post?.stdout).toEqual([]);
    const page = await fetch(result.outputs['run-url'] ?? '');
    expect(page.status).toBe(200);
  });

  test('a main class of a jar is green', async () => {
    const classes = mkdtempSync(join(tmpdir(), 'livy-scala-'));
    const source = `package jobs
import org.apache.spark.sql.SparkSession
object Quarter {
  def main(args: Array[String]): Unit = {
    val spark = SparkSession.builder().getOrCreate()
    val points = args(0).toInt
    val inside = spark.sparkContext.parallelize(0 until points, 2).map { at =>
      val (x, y) = ((at % 1000) / 1000.0, (at / 1000) / 1000.0)
      if (x * x + y * y <= 1) 1 else 0
    }.sum()
    println("A circle is about " + 4 * inside / points)
    spark.stop()
  }
}
`;
    const jar = bench.job(
      'quarter.jar',
      scalaJar(bench.installation, classes, { 'Quarter.scala': source }),
    );
    rmSync(classes, { recursive: true });
    const result = await bench.step({
      'livy-url': server.url,
      file: `file://${jar}`,
      'class-name': 'jobs.Quarter',
      args: '1000000',
      conf: 'spark.ui.enabled=false',
      name: 'a jar',
    }).done;
    expect(result.conclusion).toBe('success');
    expect(result.main.commands.lines.join('\n')).toMatch(/A circle is about 3\.1\d+/);
  });

  test('a job that raises is red, with its exception', async () => {
    const file = bench.job(
      'raises.py',
      'print("before", flush=True)\nraise ValueError("no rows")\n',
    );
    const result = await bench.step({ 'livy-url': server.url, file }).done;
    expect(result.conclusion).toBe('failure');
    expect(result.outputs).toMatchObject({ result: 'Failed', state: 'dead' });
    expect(result.annotations.map(({ message }) => message).join('\n')).toContain(
      'ValueError: no rows',
    );
  });

  test('a file that the server may not read is refused, and leaves nothing in its list', async () => {
    const result = await bench.step({
      'livy-url': server.url,
      file: '/etc/hosts.py',
      name: 'refused',
    }).done;
    expect(result.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'REQUEST_REFUSED',
    });
    expect(result.annotations[0]?.message).toContain('cannot be added to user sessions');
    expect(JSON.stringify(await ask(`${server.url}/batches`))).not.toContain('refused');
  });

  test('a cancel of the workflow ends the batch, and Livy knows it no longer', async () => {
    const file = bench.job('stays.py', staying);
    const step = bench.step(
      { 'livy-url': server.url, file, name: 'stays' },
      {
        onLine: ({ text }) => {
          if (text.startsWith('second 1')) step.cancel();
        },
      },
    );
    const result = await step.done;
    expect(result).toMatchObject({ conclusion: 'cancelled', main: { exitCode: 1 } });
    expect(result.outputs).toMatchObject({ result: 'Cancelled', 'error-code': 'CANCELLED' });
    expect(result.post?.commands.lines.join('\n')).toContain('stopped (killed)');
    expect(JSON.stringify(await ask(`${server.url}/batches`))).not.toContain('stays');
    await until('its processes are gone', () => !running(file), 20_000);
  });

  test('what is wrong with the inputs is told at once, and nothing is sent', async () => {
    const result = await bench.step({
      'livy-url': server.url,
      file: 'jobs/x.py',
      workspace: 'w',
      environment: 'e',
      'client-secret': 'a-secret-that-is-none',
      'on-rerun': 'new',
    }).done;
    expect(result.outputs).toMatchObject({ 'error-code': 'INPUT_INVALID' });
    const message = result.annotations[0]?.message ?? '';
    for (const name of ['file', 'workspace', 'environment', 'client-secret', 'on-rerun'])
      expect(message).toContain(`- ${name} `);
  });
});

describe('the log of a real Apache Livy', () => {
  const numbers = (lines: readonly string[]): number[] =>
    lines.flatMap((line) => (/^line \d+$/.test(line) ? [Number(line.slice(5))] : []));

  test('a job that prints 3 × 2,000 lines at once: the last 200 of each burst, and a notice', async () => {
    const file = bench.job('prints.py', printing);
    const result = await bench.step({ 'livy-url': server.url, file, args: '3\n2000' }).done;
    expect(result.conclusion).toBe('success');
    const shown = numbers(result.main.commands.lines);
    process.stderr.write(`kept of 6,000 lines with a ring of 200: ${shown.length}\n`);
    expect(shown.length).toBeLessThan(6_000);
    expect(shown.length).toBeGreaterThan(300);
    expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
    expect(result.main.commands.lines.join('\n')).toMatch(/Lines are missing before this one/);
  });

  test('with livy.cache-log.size raised nothing is lost', async () => {
    const large = await bench.server({ 'livy.cache-log.size': '100000' });
    const file = bench.job('prints.py', printing);
    const result = await bench.step({ 'livy-url': large.url, file, args: '3\n7000' }).done;
    expect(result.conclusion).toBe('success');
    const shown = numbers(result.main.commands.lines);
    expect(shown).toEqual(Array.from({ length: 21_000 }, (_, index) => index));
    expect(result.main.commands.lines.join('\n')).not.toMatch(/missing/);
    await large.close();
  });
});

describe('a real Apache Livy that forgets', () => {
  test('a batch that was over is forgotten after its retention time: Unknown, not green', async () => {
    const short = await bench.server({ 'livy.server.session.state-retain.sec': '1s' });
    const file = bench.job('quick.py', 'print("done", flush=True)\n');
    const first = await bench.step({ 'livy-url': short.url, file, wait: 'false' }).done;
    const id = first.outputs['batch-id'] ?? '';
    // Livy looks for such batches once a minute.
    await until('it is forgotten', gone(`${short.url}/batches/${id}`), 150_000);
    const result = await bench.step({ 'livy-url': short.url, 'batch-id': id }).done;
    expect(result.outputs).toMatchObject({ result: 'Unknown', 'error-code': 'BATCH_VANISHED' });
    await short.close();
  });

  test('a restart under a running batch: Unknown, and the batch under its id is left alone', async () => {
    const before = await bench.server();
    const file = bench.job('restarted.py', staying);
    let restarted: Promise<unknown> | undefined;
    const restart = async (): Promise<unknown> => {
      await before.kill();
      const after = await bench.server({}, before.port);
      return submit(after.url, { file, name: 'a stranger' });
    };
    const step = bench.step(
      { 'livy-url': before.url, file, name: 'restarted' },
      {
        onLine: ({ text }) => {
          if (text === 'second 1') restarted ??= restart();
        },
      },
    );
    const result = await step.done;
    expect(await restarted).toMatchObject({ id: 0, name: 'a stranger' });
    expect(result.outputs).toMatchObject({ result: 'Unknown', 'error-code': 'BATCH_VANISHED' });
    expect(await ask(`${before.url}/batches/0`)).toMatchObject({
      name: 'a stranger',
      state: 'running',
    });
  });
});

/** Looks once a second whether an address answers 404. */
function gone(url: string): () => boolean {
  let found = true;
  let asked = 0;
  return () => {
    if (Date.now() - asked > 1_000) {
      asked = Date.now();
      void fetch(url).then((reply) => (found = reply.status !== 404));
    }
    return !found;
  };
}
