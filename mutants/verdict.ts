import { mutantsOf, type Mutant } from './mutant.ts';

/** Section 3, the verdict table; rule 1: green only when proven. */
const table = mutantsOf('livy/verdict.ts', [
  {
    id: 'verdict/state-alone',
    breaks: '3, verdict: `success` in state, or `Succeeded` in result: Succeeded',
    find: `const success = state === 'success' || result === 'succeeded';`,
    replace: `const success = state === 'success' && result === 'succeeded';`,
  },
  {
    id: 'verdict/result-alone',
    breaks: '3, verdict: `success` in state, or `Succeeded` in result: Succeeded',
    find: `const success = state === 'success' || result === 'succeeded';`,
    replace: `const success = state === 'success';`,
  },
  {
    id: 'verdict/case-of-state',
    breaks: '3, verdict: words compared without case (state)',
    find: `const state = status.state?.toLowerCase();`,
    replace: `const state = status.state;`,
  },
  {
    id: 'verdict/case-of-result',
    breaks: '3, verdict: words compared without case (result)',
    find: `const result = status.result?.toLowerCase();`,
    replace: `const result = status.result;`,
  },
  {
    id: 'verdict/case-of-fabric',
    breaks: '3, verdict: words compared without case (fabricBatchStateInfo)',
    find: `const fabric = status.fabricState?.toLowerCase();`,
    replace: `const fabric = status.fabricState;`,
  },
  {
    id: 'verdict/proof-too-soon',
    breaks: '3, verdict: while the other says `Uncertain` it is read again for 15 s',
    find: `const proofSettles = 15_000;`,
    replace: `const proofSettles = 1_500;`,
  },
  {
    id: 'verdict/proof-too-late',
    breaks: '3, verdict: read again for 15 s, then the proof stands',
    find: `const proofSettles = 15_000;`,
    replace: `const proofSettles = 150_000;`,
  },
  {
    id: 'verdict/uncertain-at-once',
    breaks: '3, verdict: while the other says `Uncertain` or an intermediate word it is read again',
    find: `=== 'succeeded') && fabric === undefined;`,
    replace: `=== 'succeeded') || fabric === undefined;`,
  },
  {
    id: 'verdict/absent-other',
    breaks: '3, verdict: each word may be absent; nothing against the proof: Succeeded',
    find: `(other === undefined || other === 'success'`,
    replace: `(other === 'success'`,
  },
  {
    id: 'verdict/unknown-word-beside-proof',
    breaks: '3, verdict: `success` … nothing against it; any other word: undecided',
    find: `if (success && unknownEnd === undefined) return`,
    replace: `if (success) return`,
  },
  {
    id: 'verdict/conflict-with-failure',
    breaks: '3, verdict: proof of success and of failure: read again for 60 s, then STATE_CONFLICT',
    find: `if (success && (failure || cancel || fabric === 'expired')) {`,
    replace: `if (success && (cancel || fabric === 'expired')) {`,
  },
  {
    id: 'verdict/conflict-with-cancellation',
    breaks: '3, verdict: proof of success and of cancellation: read again for 60 s',
    find: `if (success && (failure || cancel || fabric === 'expired')) {`,
    replace: `if (success && (failure || fabric === 'expired')) {`,
  },
  {
    id: 'verdict/conflict-too-soon',
    breaks: '3, verdict: proof of success and of failure: read again for 60 s',
    find: `milliseconds: conflictSettles,`,
    replace: `milliseconds: proofSettles,`,
  },
  {
    id: 'verdict/conflict-is-failed',
    breaks: '3, verdict: then Failed, `STATE_CONFLICT`',
    find: `then: { result: 'Failed', code: 'STATE_CONFLICT', terminal: true },`,
    replace: `then: { result: 'Unknown', code: 'STATE_CONFLICT', terminal: true },`,
  },
  {
    id: 'verdict/conflict-green',
    breaks: '1, class 1: green only when proven (a conflict is no proof)',
    find: `then: { result: 'Failed', code: 'STATE_CONFLICT', terminal: true },`,
    replace: `then: { result: 'Succeeded', terminal: true },`,
  },
  {
    id: 'verdict/conflict-remembered',
    breaks: '3, verdict: a conflict is read again for 60 s (one that resolved starts anew)',
    find: `    this.#settling = undefined;`,
    replace: ``,
  },
  {
    id: 'verdict/dead',
    breaks: '3, verdict: `dead` in state: Failed',
    find: `state === 'dead' || state === 'error' ||`,
    replace: `state === 'error' ||`,
  },
  {
    id: 'verdict/error',
    breaks: '3, verdict: `error` in state: Failed',
    find: `state === 'dead' || state === 'error' ||`,
    replace: `state === 'dead' ||`,
  },
  {
    id: 'verdict/failed',
    breaks: '3, verdict: `Failed` in result: Failed',
    find: `result === 'failed' || fabric === 'error';`,
    replace: `fabric === 'error';`,
  },
  {
    id: 'verdict/fabric-error',
    breaks: '3, verdict: `error` in fabricBatchStateInfo: Failed',
    find: `result === 'failed' || fabric === 'error';`,
    replace: `result === 'failed';`,
  },
  {
    id: 'verdict/capacity-is-not-started',
    breaks: '3, verdict: the capacity error with no application ever started: NotStarted',
    find: `decided({ result: 'NotStarted', code: 'CAPACITY_FULL', terminal: true })`,
    replace: `decided({ result: 'Failed', code: 'CAPACITY_FULL', terminal: true })`,
  },
  {
    id: 'verdict/capacity-by-code',
    breaks: '3, verdict: the capacity error (by its name): NotStarted',
    find: `/TooManyRequestsForCapacity|HTTP Response code 430/i`,
    replace: `/HTTP Response code 430/i`,
  },
  {
    id: 'verdict/capacity-by-status',
    breaks: '3, verdict: the capacity error (by its status 430): NotStarted',
    find: `/TooManyRequestsForCapacity|HTTP Response code 430/i`,
    replace: `/TooManyRequestsForCapacity/i`,
  },
  {
    id: 'verdict/application-forgotten',
    breaks: '3, verdict: with no application EVER started (an earlier reading showed one)',
    find: `this.#hadApplication ||= hasStarted(status);`,
    replace: `this.#hadApplication = hasStarted(status);`,
  },
  {
    id: 'verdict/killed',
    breaks: '3, verdict: `killed`: Cancelled',
    find: `state === 'killed' || state === 'cancelled' ||`,
    replace: `state === 'cancelled' ||`,
  },
  {
    id: 'verdict/cancelled',
    breaks: '3, verdict: `Cancelled` in result: Cancelled',
    find: `result === 'cancelled' || fabric === 'cancelled';`,
    replace: `fabric === 'cancelled';`,
  },
  {
    id: 'verdict/fabric-cancelled',
    breaks: '3, verdict: `cancelled` in fabricBatchStateInfo: Cancelled',
    find: `result === 'cancelled' || fabric === 'cancelled';`,
    replace: `result === 'cancelled';`,
  },
  {
    id: 'verdict/cancelled-is-no-failure',
    breaks: '3, verdict: else Cancelled, `CANCELLED_ELSEWHERE`',
    find: `decided({ result: 'Cancelled', code: 'CANCELLED_ELSEWHERE', terminal: true });`,
    replace: `decided({ result: 'Failed', code: 'CANCELLED_ELSEWHERE', terminal: true });`,
  },
  {
    id: 'verdict/cancelled-green',
    breaks: '1, class 1: a cancelled state never ends with exit 0',
    find: `decided({ result: 'Cancelled', code: 'CANCELLED_ELSEWHERE', terminal: true });`,
    replace: `decided({ result: 'Succeeded', terminal: true });`,
  },
  {
    id: 'verdict/expired',
    breaks: '3, verdict: `expired` in fabricBatchStateInfo: NotStarted, `QUEUE_EXPIRED`',
    find: `  if (fabric === 'expired')\n`,
    replace: `  if (state === 'expired')\n`,
  },
  {
    id: 'verdict/expired-is-not-started',
    breaks: '3, verdict: `expired`: NotStarted',
    find: `decided({ result: 'NotStarted', code: 'QUEUE_EXPIRED', terminal: true });`,
    replace: `decided({ result: 'Failed', code: 'QUEUE_EXPIRED', terminal: true });`,
  },
  {
    id: 'verdict/queued-is-known',
    breaks: '3, verdict: only a NEW word can end as Unknown (`queued` is waited through)',
    find: `'unknown queued librarypackaging submitting cancelling'`,
    replace: `'unknown librarypackaging submitting cancelling'`,
  },
  {
    id: 'verdict/warns-once',
    breaks: '3, verdict: a new word warns once',
    find: `    this.#warned.add(word);\n`,
    replace: ``,
  },
  {
    id: 'verdict/warns-at-all',
    breaks: '3, verdict: a new word warns once',
    find: `if (word === undefined || this.#warned.has(word)) return {};`,
    replace: `if (word === undefined || !this.#warned.has(word)) return {};`,
  },
  {
    id: 'verdict/unknown-never-ends',
    breaks: '3, verdict: longer than `outage-minutes`: Unknown, `UNKNOWN_STATE`',
    find: `else this.#unknownSince ??= now;`,
    replace: `else this.#unknownSince = now;`,
  },
  {
    id: 'verdict/sign-of-life',
    breaks: '3, verdict: … with no other sign of life: Unknown',
    find: `if ((word === undefined && !wordless) || signOfLife)`,
    replace: `if (word === undefined && !wordless)`,
  },
  {
    id: 'verdict/no-word',
    breaks: '3, verdict: any other word, OR NONE: undecided; longer than `outage-minutes`: Unknown',
    find: `if ((word === undefined && !wordless) || signOfLife)`,
    replace: `if (word === undefined || signOfLife)`,
  },
  {
    id: 'verdict/unknown-is-no-proof-of-an-end',
    breaks: '9: uploads are deleted only when their batch is proven terminal',
    find: `return { verdict: { result: 'Unknown', code: 'UNKNOWN_STATE', terminal: false } };`,
    replace: `return { verdict: { result: 'Unknown', code: 'UNKNOWN_STATE', terminal: true } };`,
  },
  {
    id: 'verdict/end-time',
    breaks: '3, verdict: with an end time set: Unknown, `UNKNOWN_STATE`',
    find: `const endWithoutWordSettles = 60_000;`,
    replace: `const endWithoutWordSettles = 60_000_000;`,
  },
  {
    id: 'verdict/gone-too-soon',
    breaks: '3, verdict: 404 in every read for 60 s: Unknown, `BATCH_VANISHED`',
    find: `return now - this.#missingSince >= conflictSettles;`,
    replace: `return now - this.#missingSince >= proofSettles;`,
  },
  {
    id: 'verdict/gone-never',
    breaks: '3, verdict: 404 in every read for 60 s: Unknown, `BATCH_VANISHED`',
    find: `this.#missingSince ??= now;`,
    replace: `this.#missingSince = now;`,
  },
  {
    id: 'verdict/gone-in-every-read',
    breaks: '3, verdict: 404 in EVERY read for 60 s',
    find: `    this.#missingSince = undefined;\n`,
    replace: ``,
  },
]);

const vanished = mutantsOf('job/follow.ts', [
  {
    id: 'verdict/gone-without-the-list',
    breaks: '3, verdict: 404 … and absent from a WHOLE reading of the list',
    find: `if (!batches || livy.holds(batches, batchId))`,
    replace: `if (batches && livy.holds(batches, batchId))`,
  },
  {
    id: 'verdict/gone-though-listed',
    breaks: '3, verdict: 404 … and ABSENT from the list',
    find: `if (!batches || livy.holds(batches, batchId))`,
    replace: `if (!batches || batches.some((batch) => batch.name === batchId))`,
  },
  {
    id: 'verdict/gone-is-unknown',
    breaks: '3, verdict: Unknown, `BATCH_VANISHED`',
    find: `verdict: { result: 'Unknown', code: 'BATCH_VANISHED', terminal: false },`,
    replace: `verdict: { result: 'Cancelled', code: 'BATCH_VANISHED', terminal: false },`,
  },
  {
    id: 'verdict/gone-is-no-proof-of-an-end',
    breaks: '9: uploads are deleted only when their batch is proven terminal',
    find: `verdict: { result: 'Unknown', code: 'BATCH_VANISHED', terminal: false },`,
    replace: `verdict: { result: 'Unknown', code: 'BATCH_VANISHED', terminal: true },`,
  },
]);

const exit = mutantsOf('main.ts', [
  {
    id: 'verdict/exit-code',
    breaks: '1, class 1: only proven success ends with exit 0',
    find: `process.exitCode = green ? 0 : 1;`,
    replace: `process.exitCode = green || interrupt.raised ? 0 : 1;`,
  },
  {
    id: 'verdict/exit-code-of-a-failure',
    breaks: '1, class 1: only proven success ends with exit 0',
    find: `process.exitCode = green ? 0 : 1;`,
    replace: `process.exitCode = green ? 0 : 0;`,
  },
  {
    id: 'verdict/exit-code-of-a-fault',
    breaks: '1, class 1: a fault of our own is not green',
    find: `  process.exitCode = 1;\n`,
    replace: ``,
  },
  {
    id: 'verdict/exit-code-of-a-slow-cancel',
    breaks: '1, class 1: a cancelled step never ends with exit 0',
    find: `process.exit(1);`,
    replace: `process.exit(0);`,
  },
]);

export const verdict: readonly Mutant[] = [...table, ...vanished, ...exit];
