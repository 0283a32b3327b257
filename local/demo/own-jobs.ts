import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkedOutHead } from '../../src/inputs/commit.ts';
import type { Connection } from '../connection.ts';
import { defaultIds } from '../settings.ts';
import { contentsOf, seedExamples, seedFiles } from './lakehouse.ts';
import type { DemoPlan } from './plan.ts';
import { runStep } from './step.ts';

/** Where jobs of the user's run. */
export interface DemoStage {
  fabric: Connection;
  /** Folder of the action. */
  action: string;
  /** For the runner's own files and the driver logs; may hold those of an earlier call. */
  folder: string;
  /** Gets what cancels the step that runs. */
  onStart: (cancel: () => void) => void;
}

/**
 * Runs jobs of the user's one after the other in one lakehouse, signed in with OIDC, and tells what the
 * lakehouse holds before and after. As in a workflow, what follows a red step does not run.
 */
export async function runOwnJobs(plan: DemoPlan, stage: DemoStage): Promise<boolean> {
  const { fabric, action } = stage;
  const lakehouse = fabric.folderOf(defaultIds.lakehouse);
  const example = plan.seed === undefined && contentsOf(lakehouse).length === 0;
  if (plan.seed !== undefined) seedFiles(plan.seed, lakehouse);
  if (example) seedExamples(action, lakehouse);
  tell('The lakehouse holds:', contentsOf(lakehouse));
  if (example) console.log('  (58 example orders; --seed DIR puts files of yours in their place)');

  const logs: string[] = [];
  const left = [...plan.jobs];
  let green = true;
  for (let job = left.shift(); green && job; job = green ? left.shift() : undefined) {
    const { checkout, file, args } = job;
    console.log(`\nThe checkout of this step is ${checkout}`);
    const sha = checkedOutHead(checkout);
    const result = await runStep({
      name: `Run ${basename(file)}`,
      checkout,
      file,
      args,
      inputs: job.inputs,
      ...(sha === undefined ? {} : { github: { sha } }),
      fabric,
      action,
      folder: freeFolder(stage.folder),
      onStart: stage.onStart,
    });
    green = result.green;
    logs.push(result.outputs['log-path'] ?? '');
  }
  for (const { file } of left) console.log(`\n${file} was not run: the step before it is red.`);
  tell('\nThe lakehouse now holds:', contentsOf(lakehouse));
  const [stays, option] = plan.on === undefined ? [plan.keep, '--keep'] : [plan.on, '--on'];
  if (stays === undefined)
    console.log('\nIt is removed now, with the logs: add --keep DIR to look at them.');
  else
    tell(`\nKept in ${stays}; a call with the same ${option} goes on in this lakehouse:`, [
      `lakehouse   ${lakehouse}`,
      ...logs.filter(Boolean).map((path) => `driver log  ${path}`),
    ]);
  return green;
}

function tell(heading: string, lines: readonly string[]): void {
  console.log(lines.length === 0 ? `${heading} nothing` : heading);
  for (const line of lines) console.log(`  ${line}`);
}

/** `step-1`, or the first one after it that is not there yet. */
export function freeFolder(folder: string): string {
  for (let count = 1; ; count += 1) {
    const path = join(folder, `step-${count}`);
    if (!existsSync(path)) return path;
  }
}
