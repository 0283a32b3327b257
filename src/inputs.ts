import { StepError } from './errors.ts';
import {
  looksSecret,
  parseArgs,
  parseBoolean,
  parseCancelOn,
  parseChoice,
  parseConf,
  parseCount,
  parseMegabytes,
  parseMinutes,
  quote,
  secretKeys,
  type CancelCause,
} from './inputs/forms.ts';
import { checkLivyInputs, parseLivyUrl, readServerFiles } from './inputs/apache-livy.ts';
import { readEndpoints, type Endpoints } from './inputs/endpoints.ts';
import { readJobFiles, type JobFiles } from './inputs/job-inputs.ts';
import { parseLakehousePath } from './inputs/lakehouse-path.ts';
import {
  checkOperation,
  parseBatchId,
  type CommentMode,
  type Operation,
} from './inputs/operation.ts';
import { Reader, type InputSource } from './inputs/reader.ts';
import { parseResults } from './inputs/results.ts';
import { readSizing, type Sizing } from './inputs/sizing.ts';
import { untrustedHead } from './inputs/untrusted.ts';

/** Everything the user asked for, checked. Times are in milliseconds; 0 means no limit. */
export interface Inputs {
  operation: Operation;
  /** An Apache Livy in place of Fabric, without a slash at its end; `workspace` and what Entra wants are empty then. */
  livyUrl: string | undefined;
  workspace: string;
  lakehouse: string;
  /** What a batch is submitted with; absent where none is: with `batch-id`, and for `sweep`. */
  job: JobFiles | undefined;
  /** The batch to follow or to cancel. */
  batchId: string | undefined;
  /** False: submit, set outputs, end. */
  wait: boolean;
  onRerun: 'attach-if-running' | 'attach' | 'new';
  dryRun: boolean;
  /** Path in the lakehouse of the JSON object that the job writes, with its placeholders. */
  outputFile: string | undefined;
  /** Globs in the lakehouse of the JUnit XML that the job writes, with their placeholders. */
  results: readonly string[];
  /** Name or id of a Fabric environment. */
  environment: string | undefined;
  /** For GitHub's REST API. */
  githubToken: string | undefined;
  args: string[];
  conf: Record<string, string>;
  className: string | undefined;
  name: string;
  sizing: Sizing;
  tenantId: string;
  clientId: string;
  /** Absent: sign in with GitHub OIDC. */
  clientSecret: string | undefined;
  audience: string;
  timeoutMs: number;
  queueTimeoutMs: number;
  capacityWaitMs: number;
  outageMs: number;
  cancelOn: ReadonlySet<CancelCause>;
  onUnconfirmed: 'fail' | 'resubmit';
  /** Requests a minute to Fabric that this job may use: its share of the identity's budget. */
  requestsPerMinute: number;
  runKey: string;
  logs: 'stdout' | 'stderr' | 'both' | 'none';
  /** Bytes of a stream that the job log shows; 0 means no limit. */
  logLimit: number;
  uploadPath: string;
  keepUpload: boolean;
  summary: boolean;
  /** An error, and a failed test, names its line of the checkout, where that is proven. */
  annotations: boolean;
  /** When this call is told of in a pull-request comment. */
  comment: CommentMode;
  endpoints: Endpoints;
  /** Things that are allowed and probably not meant. */
  warnings: string[];
}

/** The Spark setting that names a Fabric environment. Source: Livy API, "Submit a batch". */
export const environmentKey = 'spark.fabric.environmentDetails';

const longestName = 200;

const noCredential =
  'There is no credential: client-secret is empty and GitHub offers no OIDC token. Give the job `permissions: id-token: write` (and `contents: read`) for a federated credential, or set client-secret. A pull request from a fork gets neither.';

const trustAdvice =
  'Run such code under the event pull_request, which gives it no credential, or set allow-untrusted: true when someone has reviewed it.';

/**
 * Reads and checks every input before anything is sent. Throws one `StepError` that lists every
 * problem: INPUT_INVALID, or NO_CREDENTIAL or UNTRUSTED_CODE where that is the only one. `clean-up`
 * does not look at the job's files, since the checkout may be gone by then.
 */
export function readInputs(source: InputSource, purpose: 'run' | 'clean-up' = 'run'): Inputs {
  const reader = new Reader(source);
  const env = (name: string): string => source.env(name) ?? '';
  const operation = reader.parsed(
    'operation',
    (text) => parseChoice<Operation>(text, ['run', 'cancel', 'sweep']),
    'run',
  );
  const batchId = reader.parsed<string | undefined>('batch-id', parseBatchId, undefined);
  const submits = operation === 'run' && batchId === undefined;
  const livyUrl = reader.parsed<string | undefined>('livy-url', parseLivyUrl, undefined);
  // What is wrong with livy-url is no reason to ask for all that it stands in place of.
  const onFabric = reader.text('livy-url') === '';
  const inputs: Inputs = {
    operation,
    livyUrl,
    workspace: onFabric ? oneLine(reader, 'workspace') : '',
    lakehouse: onFabric ? oneLine(reader, 'lakehouse') : '',
    job: submits && purpose === 'run' ? readFiles(reader, onFabric, env) : undefined,
    batchId,
    wait: reader.parsed('wait', parseBoolean, true),
    onRerun: reader.parsed(
      'on-rerun',
      (text) => parseChoice(text, ['attach-if-running', 'attach', 'new']),
      'attach-if-running',
    ),
    dryRun: reader.parsed('dry-run', parseBoolean, false),
    outputFile: reader.parsed<string | undefined>('output-file', parseLakehousePath, undefined),
    results: reader.parsed<readonly string[]>('results', parseResults, []),
    environment: reader.text('environment') || undefined,
    githubToken: reader.text('github-token') || undefined,
    args: reader.value('args', parseArgs(source.input('args')), []),
    conf: reader.parsed('conf', parseConf, {}),
    className: reader.text('class-name') || undefined,
    name: reader.text('name').replaceAll('\n', ' ') || defaultName(env),
    sizing: readSizing(reader),
    tenantId: onFabric ? directoryId(reader, 'tenant-id', env('AZURE_TENANT_ID')) : '',
    clientId: onFabric ? directoryId(reader, 'client-id', env('AZURE_CLIENT_ID')) : '',
    clientSecret: reader.text('client-secret') || undefined,
    audience: reader.text('audience') || 'api://AzureADTokenExchange',
    timeoutMs: reader.parsed('timeout-minutes', parseMinutes, 0),
    queueTimeoutMs: reader.parsed('queue-timeout-minutes', parseMinutes, 60 * 60_000),
    capacityWaitMs: reader.parsed('capacity-wait-minutes', parseMinutes, 15 * 60_000),
    outageMs: reader.parsed('outage-minutes', parseMinutes, 30 * 60_000),
    cancelOn: reader.parsed(
      'cancel-on',
      parseCancelOn,
      new Set<CancelCause>(batchId === undefined ? ['cancel', 'timeout'] : []),
    ),
    onUnconfirmed: reader.parsed(
      'on-unconfirmed',
      (text) => parseChoice(text, ['fail', 'resubmit']),
      'fail',
    ),
    requestsPerMinute:
      reader.parsed('requests-per-minute', parseCount, 120) /
      reader.parsed('job-total', parseCount, 1),
    runKey: reader.text('run-key'),
    logs: reader.parsed(
      'logs',
      (text) => parseChoice(text, ['stdout', 'stderr', 'both', 'none']),
      'both',
    ),
    logLimit: reader.parsed('log-limit', parseMegabytes, 0),
    uploadPath: reader.parsed('upload-path', parseLakehousePath, 'Files/.github'),
    keepUpload: reader.parsed('keep-upload', parseBoolean, false),
    summary: reader.parsed('summary', parseBoolean, true),
    annotations: reader.parsed('annotations', parseBoolean, true),
    comment: reader.parsed(
      'comment',
      (text) => parseChoice<CommentMode>(text, ['never', 'on-failure', 'always']),
      'never',
    ),
    endpoints: readEndpoints(reader),
    warnings: [],
  };
  checkTogether(reader, inputs);
  checkOperation(reader, inputs);
  if (!onFabric) checkLivyInputs(reader);
  const allowUntrusted = reader.parsed('allow-untrusted', parseBoolean, false);
  // Code is run only where a batch is submitted.
  const untrusted = allowUntrusted || !submits ? undefined : untrustedHead(env);
  endOnProblems(reader, {
    credential:
      !onFabric || inputs.clientSecret !== undefined || env('ACTIONS_ID_TOKEN_REQUEST_URL') !== '',
    untrusted,
  });
  const ofJob = inputs.job?.warnings ?? [];
  inputs.warnings.push(...secretWarnings(inputs), ...waitWarnings(inputs), ...ofJob);
  return inputs;
}

function readFiles(reader: Reader, onFabric: boolean, env: (name: string) => string): JobFiles {
  return onFabric ? readJobFiles(reader, env('GITHUB_WORKSPACE') || '.') : readServerFiles(reader);
}

/** Throws one `StepError` with all that is wrong, if anything is. */
function endOnProblems(
  reader: Reader,
  { credential, untrusted }: { credential: boolean; untrusted: string | undefined },
): void {
  const { problems } = reader;
  if (!credential && problems.length === 0) throw new StepError('NO_CREDENTIAL', noCredential);
  if (!credential) problems.push(noCredential);
  if (untrusted !== undefined && problems.length === 0)
    throw new StepError('UNTRUSTED_CODE', `${untrusted} Nothing was sent.`, {
      advice: trustAdvice,
    });
  if (untrusted !== undefined) problems.push(`${untrusted} ${trustAdvice}`);
  if (problems.length > 0) throw inputError(problems);
}

function inputError(problems: readonly string[]): StepError {
  const count = problems.length === 1 ? 'An input is' : `${problems.length} inputs are`;
  const list = problems.map((problem) => `- ${problem}`).join('\n');
  return new StepError('INPUT_INVALID', `${count} not valid; nothing was sent.\n${list}`);
}

function oneLine(reader: Reader, name: string): string {
  const text = reader.required(name);
  if (text.includes('\n')) reader.problem(name, 'must be one line');
  return text;
}

function directoryId(reader: Reader, name: string, fallback: string): string {
  const text = reader.required(name, fallback);
  const good =
    name === 'tenant-id'
      ? /^[0-9a-z][0-9a-z.-]*$/i
      : /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
  if (text !== '' && !good.test(text)) {
    reader.problem(
      name,
      `must be ${name === 'tenant-id' ? 'a tenant id or domain' : 'an application (client) id'}, not ${quote(text)}`,
    );
  }
  return text;
}

function defaultName(env: (name: string) => string): string {
  const run = env('GITHUB_RUN_NUMBER') || env('GITHUB_RUN_ID');
  const parts = [env('GITHUB_REPOSITORY'), env('GITHUB_WORKFLOW'), run && `#${run}`];
  return (
    parts
      .filter((part) => part !== '')
      .join(' ')
      .slice(0, longestName) || 'fabric-spark-batch'
  );
}

function checkTogether(reader: Reader, inputs: Inputs): void {
  const { className, conf, environment, job, name } = inputs;
  if (className !== undefined && job && /\.py$/i.test(job.shown))
    reader.problem('class-name', 'is for a .jar, and file is a .py');
  if (className !== undefined && !/^[\w$.]+$/.test(className))
    reader.problem('class-name', `is no class name: ${quote(className)}`);
  if (name.length > longestName)
    reader.problem('name', `must have ${longestName} characters at most`);
  if (environment !== undefined && environmentKey in conf)
    reader.problem('environment', `and conf (${environmentKey}) both name an environment`);
  if (environment?.includes('\n')) reader.problem('environment', 'must be one line');
}

function waitWarnings({ wait, timeoutMs }: Inputs): string[] {
  if (wait || timeoutMs === 0) return [];
  return [
    'timeout-minutes has no effect with wait: false, since this step does not wait for the batch: set it on the step that follows it with batch-id.',
  ];
}

function secretWarnings(inputs: Inputs): string[] {
  const keys = Object.keys(inputs.conf).filter(looksSecret);
  const flags = secretKeys(inputs.args);
  const where = [...keys.map((key) => `conf (${key})`), ...flags.map((flag) => `args (${flag})`)];
  if (where.length === 0) return [];
  return [
    `A secret seems to stand in ${where.join(', ')}. ${inputs.livyUrl === undefined ? 'Fabric' : 'Livy'} shows args and conf to everyone who can see the run: read secrets from a key vault in the job instead.`,
  ];
}
