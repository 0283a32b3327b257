import { mutantsOf, type Mutant } from './mutant.ts';

/** Section 3, the endings table; bug class 3. */
const main = mutantsOf('job/endings.ts', [
  {
    id: 'endings/signal-deletes',
    breaks: '3, endings: signal: DELETE by main at once',
    find: `const fate = await endOurs(step, place, batch, 'cancel');`,
    replace: `const fate = await endOurs(step, place, batch, 'error');`,
  },
  {
    id: 'endings/signal-is-cancelled',
    breaks: '3, endings: signal: Cancelled',
    find: `step.facts.result = 'Cancelled';`,
    replace: `step.facts.result = 'Failed';`,
  },
  {
    id: 'endings/post-again',
    breaks: '3, endings: signal, time-out: DELETE by main, again by post',
    find: `const refused = await requestCancel(place.livy, clock, batch.id, cause === 'cancel');`,
    replace: `const refused = await requestCancel(place.livy, clock, batch.id, cause === 'cancel');\n  if (refused === undefined) save(runner, 'settled', cause);`,
  },
  {
    id: 'endings/time-out-deletes',
    breaks: '3, endings: queue or run time-out: DELETE by main',
    find: `const fate = await endOurs(step, place, batch, 'timeout');`,
    replace: `const fate = await endOurs(step, place, batch, 'error');`,
  },
  {
    id: 'endings/time-out-is-timed-out',
    breaks: '3, endings: queue or run time-out: TimedOut',
    find: `step.facts.result = 'TimedOut';`,
    replace: `step.facts.result = 'Cancelled';`,
  },
  {
    id: 'endings/cancel-on',
    breaks: '3, endings: left running; DELETE only with the cause in `cancel-on`',
    find: `if (!step.inputs.cancelOn.has(cause)) {`,
    replace: `if (step.inputs.cancelOn.size === 0) {`,
  },
  {
    id: 'endings/unreadable-leaves-running',
    breaks: '3, endings: status unreadable: left running; DELETE only with `error` in `cancel-on`',
    find: `const fate = await endOurs(step, place, batch, 'error');`,
    replace: `const fate = await endOurs(step, place, batch, 'timeout');`,
  },
  {
    id: 'endings/unreadable-is-unknown',
    breaks: '3, endings: status unreadable for `outage-minutes`: Unknown',
    find: `step.facts.result = 'Unknown';`,
    replace: `step.facts.result = 'Failed';`,
  },
  {
    id: 'endings/fault-is-for-post',
    breaks: '3, endings: a bug of ours: DELETE by post',
    find: `function ownFault(step: Step, thrown: unknown): StepError {`,
    replace: `function ownFault(step: Step, thrown: unknown): StepError {\n  save(step.world.runner, 'settled', 'INTERNAL');`,
  },
  {
    id: 'endings/unconfirmed-is-for-post',
    breaks: '2: not found: later readings, in post, look for it',
    find: `if (unconfirmed || facts.batchId !== undefined) return thrown;`,
    replace: `if (facts.batchId !== undefined) return thrown;`,
  },
]);

const limits = mutantsOf('job/time-limits.ts', [
  {
    id: 'endings/no-limit',
    breaks: '2, `timeout-minutes`: 0: none',
    find: `if (timeoutMs > 0)`,
    replace: `if (timeoutMs >= 0)`,
  },
  {
    id: 'endings/limit-from-acceptance',
    breaks: '2, `timeout-minutes`: from acceptance, queueing included',
    find: `all.push({ at: acceptedAt + timeoutMs,`,
    replace: `all.push({ at: (facts.runningAt ?? acceptedAt) + timeoutMs,`,
  },
  {
    id: 'endings/queue-limit-ends-with-the-queue',
    breaks: '2, `queue-timeout-minutes`: accepted, application not yet started',
    find: `if (queueTimeoutMs > 0 && facts.runningAt === undefined) {`,
    replace: `if (queueTimeoutMs > 0) {`,
  },
  {
    id: 'endings/queue-limit-at-all',
    breaks: '3, endings: queue time-out: DELETE by main; TimedOut',
    find: `if (queueTimeoutMs > 0 && facts.runningAt === undefined) {`,
    replace: `if (queueTimeoutMs > 0 && facts.runningAt !== undefined) {`,
  },
  {
    id: 'endings/queue-limit-has-its-code',
    breaks: '10: error codes: what failed (QUEUE_TIMEOUT is not TIMEOUT)',
    find: `code: 'QUEUE_TIMEOUT', limitMs: queueTimeoutMs }`,
    replace: `code: 'TIMEOUT', limitMs: queueTimeoutMs }`,
  },
]);

const outages = mutantsOf('job/follow.ts', [
  {
    id: 'endings/limit-during-a-silent-read',
    breaks: '3, endings: run time-out (while a status read is not answered)',
    find: `Math.min(statusReading.longest, this.#untilDeadline()),`,
    replace: `statusReading.longest + 0 * this.#untilDeadline(),`,
  },
  {
    id: 'endings/silent-read-is-unreadable',
    breaks: '3, endings: status unreadable for `outage-minutes` (nothing answers)',
    find: 'if (!read) return this.#notReadable(`no answer for ${duration(longest)}`);',
    replace: 'if (!read) return undefined;',
  },
  {
    id: 'endings/limit-during-a-pause',
    breaks: '3, endings: run time-out (also while the service asked to be left alone)',
    find: `return Math.min(Math.max(wait, free - now), this.#untilDeadline());`,
    replace: `return Math.max(wait, free - now);`,
  },
  {
    id: 'endings/outage-during-a-pause',
    breaks: '3, endings: status unreadable for `outage-minutes` (also by a long Retry-After)',
    find: `Math.min(livy.freeAt(), this.#readableAt + limits.outageMs);`,
    replace: `livy.freeAt() + 0 * limits.outageMs;`,
  },
  {
    id: 'endings/outage-is-one-stretch',
    breaks: '3, endings: status unreadable FOR `outage-minutes` (a good reading starts anew)',
    find: `    this.#readableAt = clock.now();\n`,
    replace: ``,
  },
  {
    id: 'endings/outage-ends',
    breaks: '3, endings: status unreadable for `outage-minutes`: the step ends',
    find: `if (clock.now() - this.#readableAt < limits.outageMs) return undefined;`,
    replace: `if (clock.now() - this.#readableAt < limits.outageMs || why !== '') return undefined;`,
  },
  {
    id: 'endings/html-is-no-status',
    breaks: '3, endings: status unreadable (a page of HTML is no status)',
    find: `if (answer.status !== 200 || !isObject(answer.json))`,
    replace: `if (answer.status !== 200 || isObject(answer.text))`,
  },
]);

const started = mutantsOf('livy/verdict.ts', [
  {
    id: 'endings/started-by-word',
    breaks: '2, `queue-timeout-minutes`: application not yet started (Livy says it runs)',
    find: `/^(running|busy|idle|recovering|shutting_down)$/i`,
    replace: `/^(busy|idle|recovering|shutting_down)$/i`,
  },
]);

const post = mutantsOf('cleanup.ts', [
  {
    id: 'endings/post-ends-what-runs',
    breaks: '3, endings: main killed: DELETE by post',
    find: `if (before && before !== 'gone' && isOver(before)) {`,
    replace: `if (before && before !== 'gone') {`,
  },
  {
    id: 'endings/killed-without-a-word',
    breaks: '3, endings: main killed, no verdict saved: DELETE by post',
    find: `word === 'unconfirmed' ? word : 'cancel';`,
    replace: `word === 'unconfirmed' ? word : 'error';`,
  },
  {
    id: 'endings/post-knows-the-time-out',
    breaks: '3, endings: queue or run time-out: DELETE again by post',
    find: `return word === 'timeout' || word === 'error' ||`,
    replace: `return word === 'error' ||`,
  },
  {
    id: 'endings/post-leaves-running',
    breaks: '3, endings: DELETE only with the cause in `cancel-on` (post too)',
    find: `const left = cause !== 'unconfirmed' && !rest.inputs.cancelOn.has(cause);`,
    replace: `const left = cause !== 'unconfirmed' && rest.inputs.cancelOn.size === 0;`,
  },
]);

export const endings: readonly Mutant[] = [...main, ...limits, ...outages, ...started, ...post];
