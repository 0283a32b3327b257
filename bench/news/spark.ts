import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOn } from '../../__tests__/action/bench.ts';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric } from '../../local/fabric.ts';
import type { News } from './run.ts';

/** Prints twice a second when it does so, for half a minute. */
const job = `
import time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
until = time.time() + 30
while time.time() < until:
    print("line %.3f" % time.time(), flush=True)
    time.sleep(0.5)
`;

/** A run of half a minute: the built action as a runner runs it, on local Fabric with its Spark. */
export async function sparkNews(): Promise<News> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-news-'));
  const stateFolder = join(folder, 'fabric');
  const engine = await sparkEngine({ stateFolder, log: (line) => console.log(line) });
  const fabric = await startLocalFabric({ engine, stateFolder });
  const news: News = { early: [], late: [], end: NaN, age: NaN, requests: 0 };
  try {
    let seenAt = NaN;
    const { step } = startOn(fabric, join(folder, 'step'), {
      job,
      onLine: ({ text }) => {
        const at = Number(/^line (\d+\.\d+)$/.exec(text)?.[1]);
        if (!Number.isNaN(at)) news.early.push(Date.now() / 1_000 - at);
        if (text.startsWith('Fabric: success')) seenAt = Date.now();
      },
    });
    const { conclusion, main } = await step.done;
    const [batch] = fabric.batches;
    if (conclusion !== 'success' || !batch) throw new Error(main.commands.lines.join('\n'));
    const { endedAt = NaN, runningAt = NaN } = batch.snapshot();
    news.end = (seenAt - endedAt) / 1_000;
    news.age = (endedAt - runningAt) / 1_000;
    news.requests = fabric.requests.length;
    return news;
  } finally {
    await fabric.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
