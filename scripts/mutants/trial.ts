import type { Mutant } from '../../mutants/mutant.ts';
import { messageOf } from '../../src/errors.ts';
import type { Reds } from './baseline.ts';
import { runJest, type Run, type TestName } from './jest-run.ts';
import type { Killer } from './killers.ts';
import { needsBundle, type Stage } from './stages.ts';
import type { Tree } from './tree.ts';

/** What became of a mutant. */
export type Outcome =
  | { kind: 'killed'; killer: Killer }
  | { kind: 'survived' }
  /** No test could tell: a file did not load, or the bundle could not be built. */
  | { kind: 'broken'; why: string };

const mostTried = 6;

/** Does this one test turn red? `hangs`: a test that passes without the mutant and does not end with it. */
export async function turnsRed(tree: Tree, killer: TestName): Promise<Killer | undefined> {
  const { file, test } = killer;
  if (needsBundle(file)) await tree.build();
  const run = await runJest(tree, { files: [file], only: [test], stopAtFirst: !needsBundle(file) });
  if (run.failed.some((failed) => failed.test === test)) return { file, test };
  return run.hangsIn?.test === test ? { file, test, hangs: true } : undefined;
}

/** Applies the mutant, tries the killer that is remembered, and restores. */
export async function tryKiller(
  tree: Tree,
  mutant: Mutant,
  killer: Killer,
): Promise<Outcome | undefined> {
  tree.apply(mutant);
  try {
    const red = await turnsRed(tree, killer);
    return red && { kind: 'killed', killer: red };
  } catch (thrown) {
    return { kind: 'broken', why: messageOf(thrown) };
  } finally {
    tree.restore();
  }
}

/** Looks for a test that the mutant turns red, stage by stage; what is red without it does not count. */
export async function searchKiller(
  tree: Tree,
  mutant: Mutant,
  stages: readonly Stage[],
  reds: Reds,
): Promise<Outcome> {
  tree.apply(mutant);
  try {
    let broken: string | undefined;
    for (const stage of stages) {
      if (stage.bundle) await tree.build();
      const run = await runStage(tree, stage, reds, true);
      const killer = (await confirmed(tree, run)) ?? (await amongAll(tree, stage, reds, run));
      if (killer) return { kind: 'killed', killer };
      broken ??= run.broken;
    }
    return broken === undefined ? { kind: 'survived' } : { kind: 'broken', why: broken };
  } catch (thrown) {
    return { kind: 'broken', why: messageOf(thrown) };
  } finally {
    tree.restore();
  }
}

async function runStage(tree: Tree, stage: Stage, reds: Reds, stopAtFirst: boolean): Promise<Run> {
  const files = stage.files.filter((file) => !reds.files.includes(file));
  return runJest(tree, {
    files,
    but: reds.tests.filter(({ file }) => files.includes(file)).map(({ test }) => test),
    // Steps of the bundle are processes of their own, which a jest that is killed leaves behind.
    stopAtFirst: stopAtFirst && !stage.bundle,
  });
}

/** A test counts only when it turns red alone too. */
async function confirmed(tree: Tree, run: Run): Promise<Killer | undefined> {
  const suspects = [...run.failed, ...(run.hangsIn ? [run.hangsIn] : [])];
  for (const suspect of suspects.slice(0, mostTried)) {
    const killer = await turnsRed(tree, suspect);
    if (killer) return killer;
  }
  return undefined;
}

/** Where the first failure was not one by itself: every failure of the stage. */
async function amongAll(
  tree: Tree,
  stage: Stage,
  reds: Reds,
  first: Run,
): Promise<Killer | undefined> {
  if (stage.bundle || first.failed.length === 0) return undefined;
  return confirmed(tree, await runStage(tree, stage, reds, false));
}
