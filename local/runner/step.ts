import { mkdirSync } from 'node:fs';
import { readActionFile, stepInputs } from './action-file.ts';
import { githubContext, runnerContext, writeEvent, type GithubContext } from './environment.ts';
import type { ContextValue } from './expression.ts';
import { Masks } from './masks.ts';
import { Stage, type Conclusion, type StageParts, type StageResult } from './stage.ts';
import type { Annotation, LogLine, StepLog } from './step-log.ts';
import type { Wait } from './step-process.ts';

export interface StepOptions {
  /** Folder of the action, with its action.yml. */
  action: string;
  /** The `with` of the workflow. */
  inputs?: Readonly<Record<string, string>>;
  /** The `env` of the workflow. */
  env?: Readonly<Record<string, string>>;
  /** Variables that the runner itself adds, such as `ACTIONS_ID_TOKEN_REQUEST_URL`; not shown. */
  runtime?: Readonly<Record<string, string>>;
  /** Over the context of a push; strings become `GITHUB_…`. */
  github?: GithubContext;
  matrix?: ContextValue;
  strategy?: ContextValue;
  /** Values that are masked from the start, as the workflow's secrets are. */
  secrets?: readonly string[];
  workspace: string;
  tempFolder: string;
  /** The node binary; this process's own unless given. */
  node?: string;
  /** Debug logging: `RUNNER_DEBUG=1`, and the log shows debug lines. */
  debug?: boolean;
  /** Further variables of the post process alone. */
  postRuntime?: Readonly<Record<string, string>>;
  /** `skip`: the runner goes away, and the post step never runs. */
  post?: 'run' | 'skip';
  /** Called between main and post, for tests that change the world in between. */
  beforePost?: (main: StageResult) => void | Promise<void>;
  /** Each line of the stored log as it comes. */
  onLine?: (line: LogLine & { stage: 'main' | 'post' }) => void;
  /** How to wait between the signals of a cancel; real time unless given. */
  wait?: Wait;
  now?: () => number;
}

export interface StepResult {
  /** Of the main step: red when the exit code is not 0 or a command of the action failed. */
  conclusion: Conclusion;
  main: StageResult;
  post: StageResult | undefined;
  /** Of the main step; a post step has no outputs. */
  outputs: Readonly<Record<string, string>>;
  /** As the post step got it, and with what it saved itself. */
  state: Readonly<Record<string, string>>;
  /** Main's and post's, in this order; `undefined` when there is neither. */
  summary: string | undefined;
  annotations: readonly Annotation[];
}

export interface StepHandle {
  readonly done: Promise<StepResult>;
  /** The id of the node process that runs now. */
  readonly pid: number | undefined;
  /** A signal to the node process that runs now, and to nothing else. */
  signal(name: NodeJS.Signals): boolean;
  /** The workflow is cancelled: SIGINT, SIGTERM, SIGKILL to main. A post step is not signalled. */
  cancel(): void;
  /** SIGKILL at once to the node process that runs now. */
  kill(): boolean;
}

/** Of a job without a matrix (docs.github.com, "Contexts reference", strategy context). */
const noMatrix = { 'fail-fast': true, 'job-index': 0, 'job-total': 1, 'max-parallel': 1 } as const;

/**
 * Runs one step of a JavaScript action as actions/runner does: main, then post, however main ended.
 *
 * @throws if action.yml cannot be used, or a default of it cannot be evaluated.
 */
export function startStep(options: StepOptions): StepHandle {
  const debug = options.debug ?? false;
  const action = readActionFile(options.action);
  mkdirSync(options.tempFolder, { recursive: true });
  const github = githubContext(options.github ?? {}, options.workspace);
  const runner = runnerContext(options.tempFolder, debug);
  const inputs = stepInputs(action, options.inputs ?? {}, {
    github,
    runner,
    matrix: options.matrix ?? null,
    strategy: options.strategy ?? noMatrix,
  });
  const token = github['token'];
  const env = new Map(Object.entries(options.env ?? {}));
  const parts: Omit<StageParts, 'script' | 'head' | 'onLine'> = {
    node: options.node ?? process.execPath,
    workspace: options.workspace,
    tempFolder: options.tempFolder,
    env,
    runtime: new Map(Object.entries(options.runtime ?? {})),
    state: new Map(),
    inputs: inputs.values,
    github: { ...github, event_path: writeEvent(github, options.tempFolder) },
    runner,
    path: [],
    masks: new Masks([...(options.secrets ?? []), ...(typeof token === 'string' ? [token] : [])]),
    debug,
    now: options.now ?? Date.now,
    wait: options.wait,
  };
  const onLine = (stage: 'main' | 'post') => (line: LogLine) =>
    options.onLine?.({ ...line, stage });
  const main = new Stage({
    ...parts,
    script: action.main,
    onLine: onLine('main'),
    head: (log) => printDetails(log, inputs.values, env, inputs.warnings),
  });
  let current = main;

  const runPost = async (ended: StageResult): Promise<StageResult | undefined> => {
    if (action.post === undefined || options.post === 'skip') return undefined;
    await options.beforePost?.(ended);
    current = new Stage({
      ...parts,
      env: new Map([...env, ...ended.files.env]),
      runtime: new Map([...parts.runtime, ...Object.entries(options.postRuntime ?? {})]),
      state: stateOf(ended),
      path: ended.files.path,
      script: action.post,
      onLine: onLine('post'),
      head: (log) => {
        for (const message of inputs.warnings) log.annotate({ level: 'warning', message });
        log.write('Post job cleanup.');
      },
    });
    return current.ended;
  };

  return {
    done: main.ended.then(async (ended) => resultOf(ended, await runPost(ended))),
    get pid() {
      return current.process.pid;
    },
    signal: (name) => current.process.signal(name),
    cancel: () => main.cancel(),
    kill: () => current.process.signal('SIGKILL'),
  };
}

/** The folded head of a step's log. (Handler.cs, PrintActionDetails) */
function printDetails(
  log: StepLog,
  inputs: ReadonlyMap<string, string>,
  env: ReadonlyMap<string, string>,
  warnings: readonly string[],
): void {
  for (const message of warnings) log.annotate({ level: 'warning', message });
  log.group('Run ./');
  const shown = [...inputs].filter(([, value]) => value !== '');
  if (shown.length > 0) log.write('with:');
  for (const [name, value] of shown) log.write(`  ${name}: ${value}`);
  if (env.size > 0) log.write('env:');
  for (const [name, value] of env) log.write(`  ${name}: ${value}`);
  log.endGroup();
}

/** Commands act while the process runs, files when it is gone: the files have the last word. */
function stateOf(stage: StageResult): Map<string, string> {
  return new Map([...Object.entries(stage.commands.state), ...stage.files.state]);
}

function resultOf(main: StageResult, post: StageResult | undefined): StepResult {
  const stages = post ? [main, post] : [main];
  const summaries = stages.map(({ files }) => files.summary).filter((text) => text !== undefined);
  return {
    conclusion: main.conclusion,
    main,
    post,
    outputs: { ...main.commands.outputs, ...Object.fromEntries(main.files.outputs) },
    state: Object.fromEntries(stages.flatMap((stage) => [...stateOf(stage)])),
    summary: summaries.length === 0 ? undefined : summaries.join('\n'),
    annotations: stages.flatMap(({ commands }) => commands.annotations),
  };
}
