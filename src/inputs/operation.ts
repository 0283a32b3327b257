import { quote, type Parsed } from './forms.ts';
import type { Reader } from './reader.ts';

/** `run` a batch (or follow one that is named), `cancel` one, or `sweep` what runs left behind. */
export type Operation = 'run' | 'cancel' | 'sweep';

/** Never; once a call is red, and from then on; whatever the verdict. */
export type CommentMode = 'never' | 'on-failure' | 'always';

/** Ids are opaque texts: a UUID on Fabric. */
export function parseBatchId(text: string): Parsed<string> {
  return /^\w[\w.-]{0,99}$/.test(text)
    ? { value: text }
    : { problem: `must be the output batch-id of an earlier step, not ${quote(text)}` };
}

/** What says how a batch is submitted, and has no meaning where none is. */
const ofSubmit = [
  ...['file', 'args', 'class-name', 'name', 'conf', 'environment'],
  ...['py-files', 'jars', 'files', 'archives'],
  ...['driver-memory', 'driver-cores', 'executor-memory', 'executor-cores', 'num-executors'],
];

/** What of the inputs says what the step is to do. */
interface Asked {
  operation: Operation;
  batchId: string | undefined;
  wait: boolean;
  outputFile: string | undefined;
  results: readonly string[];
  githubToken: string | undefined;
  comment: CommentMode;
}

/** Inputs that contradict each other or have no meaning for the operation. */
export function checkOperation(reader: Reader, asked: Asked): void {
  const { operation, batchId, wait, outputFile, results, githubToken, comment } = asked;
  const given = ofSubmit.filter((name) => reader.text(name) !== '');
  const refuse = (names: readonly string[], why: string): void => {
    for (const name of names) reader.problem(name, why);
  };
  if (operation === 'cancel' && reader.text('batch-id') === '')
    reader.problem('batch-id', 'is required for the operation cancel');
  if (operation === 'sweep') {
    refuse([...given, ...(batchId === undefined ? [] : ['batch-id'])], 'has no meaning for sweep');
    if (githubToken === undefined)
      reader.problem('github-token', 'is required for sweep (with `permissions: actions: read`)');
  }
  if (operation !== 'sweep' && batchId !== undefined)
    refuse(given, 'is for a batch that is submitted, and batch-id names one that was');
  if (comment !== 'never' && operation !== 'run')
    reader.problem('comment', `has no meaning for ${operation}: it tells of a batch that is run`);
  if (comment !== 'never' && operation === 'run' && githubToken === undefined)
    reader.problem(
      'github-token',
      'is required for comment (with `permissions: pull-requests: write`)',
    );
  if (comment !== 'never' && operation === 'run' && !wait)
    reader.problem('comment', 'tells of the end of a batch, and this step waits for none');
  if (!wait && (operation !== 'run' || batchId !== undefined))
    reader.problem('wait', 'can be false only where a batch is submitted');
  if (outputFile !== undefined && (operation !== 'run' || !wait))
    reader.problem('output-file', 'is read at the end of a batch, and this step waits for none');
  if (results.length > 0 && (operation !== 'run' || !wait))
    reader.problem('results', 'are read at the end of a batch, and this step waits for none');
}
