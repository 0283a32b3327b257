import type { BatchScript, ScriptStep } from '../../local/engine/scripted.ts';
import { stage } from '../../__tests__/service/stage.ts';
import { runJob } from '../../src/job.ts';

/** How long each request is on its way, in milliseconds of the virtual clock. */
const latency = 100;
/** Seconds from the acceptance to the start of the application. */
const starting = 20;
/** The time of which the contract says how late a line may come; seconds. */
const first = 120;

/** What was seen of a run, in seconds of the virtual clock. */
export interface News {
  /** Of each line of the first two minutes, and of each later one: from its writing to its printing. */
  early: number[];
  late: number[];
  /** From the end of the batch to the line that tells of it. */
  end: number;
  /** Of the application at its end. */
  age: number;
  requests: number;
}

/** A run of which every line tells when it was written: one each 0.5 s in the first two minutes, then each 5 s. */
export async function runNews(seconds: number, random: () => number): Promise<News> {
  const step = await stage({ script: talking(seconds, random), latency });
  try {
    const { world, runner, interrupt, time } = step;
    const news: News = { early: [], late: [], end: NaN, age: seconds, requests: 0 };
    const begun = (): number => step.fabric.batches[0]?.snapshot().runningAt ?? NaN;
    const write = runner.remote.bind(runner);
    runner.remote = (lines, group) => {
      for (const line of lines) {
        const at = Number(/^line (\d+\.\d+)$/.exec(line)?.[1]);
        if (Number.isNaN(at)) continue;
        const delay = (time.now() - begun()) / 1_000 - at;
        (at <= first ? news.early : news.late).push(delay);
      }
      return write(lines, group);
    };
    const tell = runner.info.bind(runner);
    runner.info = (line) => {
      if (line.startsWith('Fabric: success'))
        news.end = (time.now() - (step.fabric.batches[0]?.snapshot().endedAt ?? NaN)) / 1_000;
      tell(line);
    };
    const green = await runJob({
      world: { ...world, random },
      interrupt,
      newNonce: () => 'ab12cd34'.repeat(4),
    });
    if (!green) throw new Error(step.story);
    news.requests = step.fabric.requests.length;
    return news;
  } finally {
    await step.close();
  }
}

function talking(seconds: number, random: () => number): BatchScript {
  const steps: ScriptStep[] = [{ at: starting, phase: 'running' }];
  for (let at = random() * 0.5; at < seconds; at += at < first ? 0.5 : 5)
    steps.push({ at: starting + at, stdout: `line ${at.toFixed(3)}\n` });
  steps.push({ at: starting + seconds, phase: 'success' });
  return { steps };
}
