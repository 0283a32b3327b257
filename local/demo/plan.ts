import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { DemoCommand, DemoJob } from './command-line.ts';

/** A job of the user's, where it lies. */
export interface PlannedJob extends Pick<DemoJob, 'args' | 'inputs'> {
  /** The folder that its workflow would check out; absolute. */
  checkout: string;
  /** Path of the job in it, as the input `file` has it. */
  file: string;
}

/** A command whose paths are there; all absolute. */
export interface DemoPlan {
  seed?: string;
  keep?: string;
  on?: string;
  jobs: readonly PlannedJob[];
}

/** Below a folder that is kept: what local Fabric keeps there. */
export const fabricFolder = 'fabric';

/**
 * Looks for what a command names. `calledIn`: the folder that relative paths begin at.
 * @throws Error that lists all that is not there, or is something else.
 */
export function planDemo(command: DemoCommand, calledIn: string): DemoPlan {
  const problems: string[] = [];
  const folder = (text: string): string => resolve(calledIn, text);
  const { seed, keep, on } = command;
  for (const { path } of command.jobs)
    if (!isFile(folder(path))) problems.push(`There is no file ${path} in ${calledIn}.`);
  if (seed !== undefined && !isFolder(folder(seed)))
    problems.push(`--seed: there is no folder ${seed} in ${calledIn}.`);
  if (keep !== undefined && !mayKeep(folder(keep)))
    problems.push(`--keep: ${keep} holds something else; name a new folder, or one of the demo's.`);
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\nnpm run demo -- --help`);
  return {
    ...(seed === undefined ? {} : { seed: folder(seed) }),
    ...(keep === undefined ? {} : { keep: folder(keep) }),
    ...(on === undefined ? {} : { on: folder(on) }),
    jobs: command.jobs.map(({ path, args, inputs }) => ({
      ...placeOfJob(folder(path), calledIn),
      args,
      inputs,
    })),
  };
}

/**
 * The nearest folder above a job that has `.git`; else the one that the command was called in, where the
 * job lies below it; else the job's own.
 */
function placeOfJob(job: string, calledIn: string): Pick<PlannedJob, 'checkout' | 'file'> {
  const checkout =
    foldersAbove(job).find((folder) => existsSync(join(folder, '.git'))) ??
    (isBelow(job, calledIn) ? calledIn : dirname(job));
  const file = relative(checkout, job).replaceAll(sep, '/');
  // `Files/x` would be one of the lakehouse.
  return { checkout, file: file.startsWith('Files/') ? `./${file}` : file };
}

function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...foldersAbove(above)];
}

function isBelow(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return !isAbsolute(inside) && inside.split(sep)[0] !== '..';
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Nothing of the user's may be written over. */
function mayKeep(folder: string): boolean {
  if (!existsSync(folder)) return true;
  return (
    isFolder(folder) &&
    (readdirSync(folder).length === 0 || isFolder(join(folder, fabricFolder, 'lakehouses')))
  );
}
