/** A job of the user's, as the command line names it. */
export interface DemoJob {
  /** As it was typed. */
  path: string;
  args: readonly string[];
  /** Inputs of the action beside those that the demo gives itself. */
  inputs: Readonly<Record<string, string>>;
}

/** What the demo is asked for; paths are as they were typed. */
export interface DemoCommand {
  help: boolean;
  /** Folder whose files go into `Files/` in place of the example data. */
  seed?: string;
  /** Folder where lakehouse and logs stay. */
  keep?: string;
  /** State folder of a local Fabric that runs already. */
  on?: string;
  /** One after the other in one lakehouse; none: the demo's own. */
  jobs: readonly DemoJob[];
}

export const demoHelp = `Usage: npm run demo
       npm run demo -- [options] JOB [args…] [--then [--input …] JOB [args…]]…

Without a job: the examples, a job that writes a table and a data test of it, red and then green.
With one: the action runs it on local Fabric, as a workflow would. What stands behind a job are its
arguments; --then begins the next job, in the same lakehouse, which runs if the one before was green.

Options, before the job:
  --seed DIR          its files are put into Files/ of the lakehouse; without it Files/raw/orders.csv is
                      there, 58 orders
  --input NAME=VALUE  an input of the action, as in a workflow: py-files, results, conf, output-file, …
                      Again with the same name: one more line of it. It holds for the job behind it and
                      those after, until it is given anew. Its paths begin at the checkout: the nearest
                      folder above the job that has .git, else where you are.
  --keep DIR          lakehouse and logs stay in this folder, and a later call with it goes on there;
                      without it they are removed at the end
  --on DIR            on the Fabric that npm run fabric keeps in this folder; everything stays there
  --help              this text

  npm run demo -- examples/jobs/clean_orders.py --seed 7 --then examples/jobs/check_orders.py`;

/** What the demo gives itself: the job, and where it runs. */
const ownInputs = new Map([
  ['file', 'the job stands on the command line'],
  ['args', 'what stands behind the job are its arguments'],
  ...['workspace', 'lakehouse'].map((name): [string, string] => [
    name,
    'local Fabric has the workspace analytics with the lakehouse orders',
  ]),
  ...[
    ...['tenant-id', 'client-id', 'client-secret', 'livy-url'],
    ...['fabric-endpoint', 'onelake-endpoint', 'authority-host'],
  ].map((name): [string, string] => [name, 'the demo signs in to its local Fabric itself']),
]);

/**
 * Reads the command line. `known`: the inputs of the action.
 * @throws Error that lists all that is wrong with it.
 */
export function parseDemoCommand(words: readonly string[], known: readonly string[]): DemoCommand {
  const problems: string[] = [];
  const folders: { seed?: string; keep?: string; on?: string } = {};
  const jobs: DemoJob[] = [];
  let inputs: Readonly<Record<string, string>> = {};
  const left = [...words];
  if (left.length === 0) return { help: false, jobs };
  do {
    const given = new Map<string, string>();
    while (left[0]?.startsWith('-')) {
      const [option, inline] = split(left.shift() ?? '');
      if (option === '--help' || option === '-h') return { help: true, jobs: [] };
      if (!isOption(option)) {
        problems.push(
          option === '--then'
            ? 'No job stands before --then.'
            : `There is no option ${option}; options of the job stand behind its path.`,
        );
        continue;
      }
      const value = inline ?? left.shift() ?? '';
      if (value === '') problems.push(`${option} needs a value.`);
      else if (option === '--input') problems.push(...readInput(value, known, given));
      else if (jobs.length > 0)
        problems.push(`${option} holds for all jobs: before the first one.`);
      else folders[folderOf[option]] = value;
    }
    inputs = { ...inputs, ...Object.fromEntries(given) };
    const path = left.shift();
    const next = left.indexOf('--then');
    const args = left.splice(0, next === -1 ? left.length : next);
    if (path !== undefined) jobs.push({ path, args, inputs });
    else if (jobs.length > 0) problems.push('No job stands behind --then.');
    else if (folders.seed !== undefined || folders.on !== undefined || given.size > 0)
      problems.push('No job is named.');
  } while (left.shift() === '--then');
  if (folders.keep !== undefined && folders.on !== undefined)
    problems.push('--on keeps everything in its own folder: leave --keep out.');
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\nnpm run demo -- --help`);
  return { help: false, ...folders, jobs };
}

const folderOf = { '--seed': 'seed', '--keep': 'keep', '--on': 'on' } as const;

function isOption(word: string): word is keyof typeof folderOf | '--input' {
  return word === '--input' || word in folderOf;
}

/** `--name=value` in two; a name alone has no value. */
function split(word: string): [string, string?] {
  const at = word.indexOf('=');
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

/** Adds one input; gives what is wrong with it. */
function readInput(
  text: string,
  known: readonly string[],
  given: Map<string, string>,
): readonly string[] {
  const [name, value] = split(text);
  if (value === undefined) return [`--input needs NAME=VALUE, not ${text}.`];
  const own = ownInputs.get(name);
  if (own !== undefined) return [`--input ${name} cannot be given: ${own}.`];
  if (!known.includes(name))
    return [`The action has no input ${name}. It has: ${known.filter(isFree).join(', ')}.`];
  const before = given.get(name);
  given.set(name, before === undefined ? value : `${before}\n${value}`);
  return [];
}

function isFree(name: string): boolean {
  return !ownInputs.has(name);
}
