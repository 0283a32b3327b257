import { BearerClient } from '../../src/auth/bearer.ts';
import { Tokens } from '../../src/auth/tokens.ts';
import { systemClock } from '../../src/clock.ts';
import { HttpClient } from '../../src/http/client.ts';
import type { Transport } from '../../src/http/transport.ts';
import { fabricLivy } from '../../src/livy/livy.ts';
import { commentBody } from '../../src/report/comment.ts';
import {
  merge,
  nothing,
  readState,
  stateOf,
  type CommentRow,
} from '../../src/report/comment/rows.ts';
import { junit } from '../../src/report/junit.ts';
import { rootCause } from '../../src/report/root-cause.ts';
import { sparkStages } from '../../src/report/stages.ts';

/** Reading a JUnit file with so many cases, one of ten failed. */
export function readJunit(cases: number): () => void {
  const one = (index: number): string =>
    index % 10 === 0
      ? `<testcase classname="tests.test_orders" name="test_${index}"><failure message="assert 1 == 2">tests/test_orders.py:${index}: AssertionError</failure></testcase>`
      : `<testcase classname="tests.test_orders" name="test_${index}" time="0.01"/>`;
  const text = `<testsuites><testsuite name="pytest" tests="${cases}" failures="${Math.ceil(cases / 10)}">${Array.from({ length: cases }, (_, index) => one(index)).join('\n')}</testsuite></testsuites>`;
  return () => {
    if (junit(text).total !== cases) throw new Error('Cases are missing.');
  };
}

/** The driver's stderr of so many lines, as Spark writes it, of a job that failed at its end. */
export function findCause(lines: number, kind: 'python' | 'chained' | 'java'): () => void {
  const traceback = [
    'Traceback (most recent call last):',
    '  File "/tmp/job.py", line 12, in <module>',
    '    main()',
    '  File "/tmp/job.py", line 9, in main',
    '    raise ValueError("no rows")',
    'ValueError: no rows',
  ];
  const between = ['', 'During handling of the above exception, another exception occurred:', ''];
  const java = [
    'org.apache.spark.SparkException: Job aborted due to stage failure',
    '\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2844)',
    'Caused by: java.lang.IllegalStateException: no rows',
    '\tat com.example.Orders.run(Orders.java:12)',
    '\t... 12 more',
  ];
  const noise = (index: number): string =>
    `26/01/15 12:00:${String(index % 60).padStart(2, '0')} INFO TaskSetManager: Finished task ${index}.0 in stage 1.0 (TID ${index})`;
  const stderr: string[] = [];
  while (stderr.length < lines) {
    if (kind === 'python') stderr.push(noise(stderr.length));
    if (kind === 'chained') stderr.push(...traceback, ...between);
    if (kind === 'java') stderr.push(noise(stderr.length), ...java);
  }
  stderr.push(...(kind === 'java' ? java : traceback));
  return () => {
    if (rootCause({ stdout: [], stderr }) === undefined) throw new Error('No cause was found.');
  };
}

/** One more row for a comment that holds so many: read, merged, written. */
export function renewComment(rows: number): () => void {
  const of = {
    id: 'a'.repeat(16),
    workflow: 'orders',
    runsUrl: 'https://github.com/o/r/actions/runs',
  };
  const state = Array.from({ length: rows }, (_, index) => row(index));
  const body = commentBody({ rows: state, runs: ['9'] }, of);
  return () => {
    const known = readState(body) ?? nothing;
    commentBody(merge(known, stateOf(row(0))), of);
  };
}

function row(index: number): CommentRow {
  return {
    call: index.toString(16).padStart(16, '0'),
    name: `load / country ${index}`,
    file: 'jobs/load.py',
    run: '9',
    attempt: 1,
    sha: 'a'.repeat(40),
    ok: index % 3 > 0,
    always: true,
    result: index % 3 > 0 ? 'Succeeded' : 'Failed',
    code: '',
    cause: index % 3 > 0 ? '' : 'ValueError: no rows',
    ms: 60_000,
    url: 'https://app.fabric.microsoft.com/workloads/de-ds/sparkmonitor/x/y',
    at: index,
  };
}

/** What Spark tells of so many stages. */
export function readStages(stages: number): () => void {
  const list = Array.from({ length: stages }, (_, stageId) => ({
    stageId,
    attemptId: 0,
    status: 'COMPLETE',
    name: `count at /tmp/job.py:${stageId}`,
    numTasks: 8,
    numCompleteTasks: 8,
    submissionTime: '2026-01-15T12:00:00.000GMT',
    completionTime: '2026-01-15T12:00:01.000GMT',
  }));
  return () => sparkStages(list);
}

const origin = 'https://api.fabric.microsoft.com';

/** Reading a list of batches over so many pages of 100; `requests`: how many it took so far. */
export function readList(pages: number): { run: () => Promise<void>; requests: () => number } {
  let requests = 0;
  const transport: Transport = ({ url }) => {
    requests += 1;
    const skipped = Number(new URL(url).searchParams.get('$skip'));
    const left = Math.min(100, Math.max(0, 100 * pages - skipped));
    const items = Array.from({ length: left }, (_, index) => ({
      id: `00000000-0000-4000-8000-${String(skipped + index).padStart(12, '0')}`,
      name: 'orders 0123456789ab',
      state: 'success',
      tags: { submission: 'a'.repeat(32), lineage: 'b'.repeat(64) },
    }));
    const total = 100 * pages;
    const body = Buffer.from(JSON.stringify({ items, totalCountOfMatchedItems: total }));
    return Promise.resolve({ status: 200, headers: {}, body: pieces(body) });
  };
  const http = new HttpClient({ transport, clock: systemClock, random: Math.random });
  const tokens = new Tokens({
    clock: systemClock,
    onNew: () => undefined,
    exchange: () => Promise.resolve({ value: 't', expiresAt: systemClock.now() + 3_600_000 }),
  });
  const client = new BearerClient({ http, tokens, scope: 'fabric', origin });
  const livy = fabricLivy(client, 'w', 'l');
  return {
    run: async () => {
      const list = await livy.list();
      if (list?.length !== 100 * pages) throw new Error('Batches are missing.');
    },
    requests: () => requests,
  };
}

async function* pieces(body: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(body);
}
