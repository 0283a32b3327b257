/**
 * `npm run test:failures`: holds the cause and the line that the action finds in the logs of real failures
 * against what a person expects, and prints a table. `-- --spark` runs the jobs anew with the built action on
 * local Fabric with real Spark, `-- --record` keeps their logs as well. Names of cases choose some of them.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { failureCases, logNames, recordedLogs, type FailureCase } from './failures/cases.ts';
import { judgeLogs, judged, type Judgement } from './failures/judge.ts';
import { SparkRuns, type SparkRun } from './failures/spark-runs.ts';
import { table } from './failures/table.ts';

/** Spark takes a core and about 1 GB for each. */
const atOnce = 2;

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { spark: { type: 'boolean' }, record: { type: 'boolean' } },
  });
  const cases = failureCases(positionals);
  const anew = values.spark === true || values.record === true;
  const judgements = anew
    ? await onSpark(cases, values.record === true)
    : cases.map((one) => judgeLogs(one, recordedLogs(one)));
  for (const line of table(judgements)) console.log(line);
  const missed = judgements.filter(({ causeHolds, placeHolds }) => !causeHolds || !placeHolds);
  const wrong = judgements.filter(({ found, placeHolds }) => found?.place && !placeHolds);
  const lines = cases.filter(({ place }) => place !== null).length;
  console.log(
    `\n${cases.length - missed.length} of ${cases.length} failures found as expected (${lines} of them have a line); ${wrong.length} wrong lines.`,
  );
  return missed.length === 0;
}

async function onSpark(cases: readonly FailureCase[], record: boolean): Promise<Judgement[]> {
  const runs = await SparkRuns.open((line) => console.log(line), atOnce);
  const judgements = new Map<FailureCase, Judgement>();
  const queue = [...cases];
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      const run = await runs.run(one);
      if (record) keep(one, run);
      judgements.set(one, ofRun(one, run));
      console.log(`  ${one.name}: ${run.result}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    await runs.close();
  }
  return cases.flatMap((one) => judgements.get(one) ?? []);
}

function keep(one: FailureCase, { logs }: SparkRun): void {
  for (const name of logNames) {
    const path = join(one.folder, name);
    const text = logs[name] ?? '';
    if (text !== '') writeFileSync(path, text);
    else if (existsSync(path)) rmSync(path);
  }
}

/** What the built action told: the title from its logs, the line from its one error annotation. */
function ofRun(one: FailureCase, { annotations, logs }: SparkRun): Judgement {
  const errors = annotations.filter(({ level }) => level === 'error');
  const [error] = errors;
  const fromLogs = judgeLogs(one, logs).found;
  if (errors.length !== 1 || !error || !fromLogs) return judged(one, undefined);
  const told = error.message.includes(fromLogs.title);
  const { file, line } = error;
  const place = file === undefined || line === undefined ? undefined : { file, line };
  return judged(one, { title: told ? fromLogs.title : error.message, place });
}

process.exitCode = (await main()) ? 0 : 1;
