import { runJest, type Run, type TestName } from './jest-run.ts';
import type { Killer } from './killers.ts';
import { allStages, needsBundle } from './stages.ts';
import type { Tree } from './tree.ts';

function key({ file, test }: TestName): string {
  return `${file}\n${test}`;
}

/** Runs jobs side by side, one in each tree at a time. */
export async function inTrees<Job>(
  trees: readonly Tree[],
  jobs: readonly Job[],
  work: (tree: Tree, job: Job) => Promise<void>,
): Promise<void> {
  const queue = [...jobs];
  await Promise.all(
    trees.map(async (tree) => {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) await work(tree, job);
    }),
  );
}

/** The killers that pass without a mutant, as they must: one that is red anyway shows nothing. */
export async function soundKillers(
  trees: readonly Tree[],
  killers: readonly Killer[],
): Promise<(killer: Killer) => boolean> {
  const passed = new Set<string>();
  const failed = new Set<string>();
  const bundled = killers.filter(({ file }) => needsBundle(file));
  const direct = killers.filter(({ file }) => !needsBundle(file));
  await inTrees(trees, [bundled, direct], async (tree, job) => {
    const files = [...new Set(job.map(({ file }) => file))];
    if (job === bundled && files.length > 0) await tree.build();
    const run = await runJest(tree, { files, only: [...new Set(job.map(({ test }) => test))] });
    for (const test of run.passed) passed.add(key(test));
    for (const test of run.failed) failed.add(key(test));
  });
  return (killer) => passed.has(key(killer)) && !failed.has(key(killer));
}

/** What is red without any mutant, and so tells nothing: tests, and files that do not run at all. */
export interface Reds {
  tests: readonly TestName[];
  files: readonly string[];
  /** How long each file takes. */
  seconds: ReadonlyMap<string, number>;
}

/** Runs all stages of a kind without a mutant. */
export async function redTests(trees: readonly Tree[], bundle: boolean): Promise<Reds> {
  const [first] = trees;
  const runs: Run[] = [];
  const stages = first === undefined ? [] : allStages(first, bundle);
  await inTrees(trees, stages, async (tree, stage) => {
    if (stage.bundle) await tree.build();
    runs.push(await runJest(tree, { files: stage.files }));
  });
  return {
    tests: runs.flatMap(({ failed }) => failed),
    files: runs.flatMap(({ unrunnable, hangsIn }) => [
      ...unrunnable,
      ...(hangsIn ? [hangsIn.file] : []),
    ]),
    seconds: new Map(runs.flatMap(({ seconds }) => [...seconds])),
  };
}
