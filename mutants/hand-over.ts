import { mutantsOf, type Mutant } from './mutant.ts';

/** `wait: false`, `batch-id`, `operation: cancel`, `output-file`, `dry-run` (section 2; the endings table). */
export const handOver: readonly Mutant[] = [
  ...mutantsOf('livy/request.ts', [
    {
      id: 'hand-over/detached',
      breaks: '3, endings: `wait: false`: marked `detached`',
      find: `...(marks.detached ? { detached: 'true' } : {}),`,
      replace: ``,
    },
  ]),
  ...mutantsOf('job.ts', [
    {
      id: 'hand-over/submitted-is-green',
      breaks: '2, `wait`: `false`: submit, set outputs, end',
      find: `'Succeeded', 'Submitted',`,
      replace: `'Succeeded',`,
    },
    {
      id: 'hand-over/signal-during-the-submit',
      breaks:
        '3: a POST under way is let finish and its answer gets the DELETE (`wait: false` too)',
      find: `    if (!step.inputs.wait && !step.interrupt.raised) {\n`,
      replace: `    if (!step.inputs.wait) {\n`,
    },
  ]),
  ...mutantsOf('job/hand-over.ts', [
    {
      id: 'hand-over/signal-before-the-first-reading',
      breaks: '3: `followed` by `batch-id`: is touched if `cancel-on` is set (at any instant)',
      find: `if (thrown instanceof Interrupted) break;`,
      replace: `if (thrown instanceof Interrupted) throw thrown;`,
    },
    {
      id: 'hand-over/left-running',
      breaks: '3, endings: `wait: false`: LEFT RUNNING (post does nothing)',
      find: `  save(runner, 'settled', 'Submitted');\n`,
      replace: ``,
    },
    {
      id: 'hand-over/result',
      breaks: '3, endings: `wait: false`: `Submitted`',
      find: `step.facts.result = 'Submitted';`,
      replace: `step.facts.result = 'Unknown';`,
    },
    {
      id: 'hand-over/followed-word',
      breaks: '2, outputs: `submission` is `followed`',
      find: `how: 'followed',`,
      replace: `how: 'attached',`,
    },
    {
      id: 'hand-over/cancel-asks',
      breaks: '2, `operation`: `cancel` (a `batch-id`)',
      find: `await unlessInterrupted(step, requestCancel(place.livy, clock, batchId, false));`,
      replace: `await Promise.resolve<string | undefined>(undefined);`,
    },
    {
      id: 'hand-over/cancel-needs-proof',
      breaks: '1: `operation: cancel` is green only when the end is proven',
      find: `    tellEnd(step, end.last);\n    return undefined;\n  }\n  if (end.kind === 'gone')`,
      replace: `    tellEnd(step, end.last);\n    return undefined;\n  }\n  if (end.kind === 'active') return undefined;\n  if (end.kind === 'gone')`,
    },
    {
      id: 'hand-over/cancel-of-nothing',
      breaks: '1: a batch that Fabric does not know was not cancelled',
      find: `    return new StepError('BATCH_VANISHED',`,
      replace: `    return undefined;\n  if (batchId === '')\n    return new StepError('BATCH_VANISHED',`,
    },
  ]),
  ...mutantsOf('inputs.ts', [
    {
      id: 'hand-over/cancel-on-with-batch-id',
      breaks: '2, `cancel-on`: `never` with `batch-id`',
      find: `batchId === undefined ? ['cancel', 'timeout'] : []`,
      replace: `['cancel', 'timeout']`,
    },
  ]),
  ...mutantsOf('inputs/operation.ts', [
    {
      id: 'hand-over/batch-id-refuses-file',
      breaks: '2, `batch-id`: then `file` … are refused',
      find: `['file', 'args',`,
      replace: `['args',`,
    },
    {
      id: 'hand-over/batch-id-refuses-conf',
      breaks: '2, `batch-id`: then … `conf` … are refused',
      find: `'name', 'conf', 'environment']`,
      replace: `'name', 'environment']`,
    },
    {
      id: 'hand-over/batch-id-refuses-sizing',
      breaks: '2, `batch-id`: then … sizing are refused',
      find: `  ...['driver-memory', 'driver-cores', 'executor-memory', 'executor-cores', 'num-executors'],\n`,
      replace: ``,
    },
    {
      id: 'hand-over/cancel-needs-a-batch',
      breaks: '2, `operation`: `cancel` (A `BATCH-ID`); bad input ends before anything is sent',
      find: `if (operation === 'cancel' && reader.text('batch-id') === '')`,
      replace: `if (operation === 'cancel' && reader.text('batch-id') === 'none')`,
    },
  ]),
  ...mutantsOf('job/written.ts', [
    {
      id: 'hand-over/output-stale',
      breaks: '2, `output-file`: fresh if OneLake’s clock puts it after this batch’s acceptance',
      find: `ageMs <= accepted - roundings)`,
      replace: `ageMs <= accepted + 3_600_000)`,
    },
    {
      id: 'hand-over/output-two-clocks',
      breaks:
        '2, `output-file`: fresh, also where a runner that is fast follows the batch of another step',
      find: `  if (submittedAt !== undefined) {`,
      replace: `  if (submittedAt === -1) {`,
    },
  ]),
  ...mutantsOf('job/job-output.ts', [
    {
      id: 'hand-over/output-missing',
      breaks: '2, `output-file`: missing … fails the step',
      find: `  if (found.kind === 'missing')\n`,
      replace: `  if (found.kind === 'missing') return '{}';\n  if (found.kind !== 'found' && found.kind !== 'too-large')\n`,
    },
    {
      id: 'hand-over/output-size',
      breaks: '2, `output-file`: 64 KiB AT MOST',
      find: `const mostBytes = 64 * 1024;`,
      replace: `const mostBytes = 64 * 1024 - 1;`,
    },
    {
      id: 'hand-over/output-too-large',
      breaks: '2, `output-file`: 64 KiB at most; too large fails the step',
      find: `const mostBytes = 64 * 1024`,
      replace: `const mostBytes = 65 * 1024`,
    },
    {
      id: 'hand-over/output-is-an-object',
      breaks: '2, `output-file`: JSON OBJECT',
      find: `|| !isObject(parseJson(found.text)))`,
      replace: `|| parseJson(found.text) === undefined)`,
    },
  ]),
  ...mutantsOf('job/endings.ts', [
    {
      id: 'hand-over/output-turns-red',
      breaks: '2, `output-file`: missing, stale or too large FAILS THE STEP',
      find: `return twin ?? output ?? tests;`,
      replace: `return twin ?? tests;`,
    },
    {
      id: 'hand-over/tests-turn-red',
      breaks: '2, `results`: a failed test FAILS THE STEP',
      find: `return twin ?? output ?? tests;`,
      replace: `return twin ?? output;`,
    },
    {
      id: 'hand-over/tests-own-fault',
      breaks: '3: a fault of ours while results are read never replaces the verdict',
      find: `  if (result === 'Succeeded') return ownFault(step, thrown);\n`,
      replace: `  if (result !== 'Succeeded') throw thrown;\n`,
    },
  ]),
  ...mutantsOf('job/test-results.ts', [
    {
      id: 'hand-over/tests-broken',
      breaks: '2, `results`: XML that is not whole is no proof that tests passed',
      find: `  if (broken.length > 0)\n`,
      replace: `  if (broken.length > 1_000)\n`,
    },
    {
      id: 'hand-over/tests-none',
      breaks: '2, `results`: NO FRESH TEST FOUND fails it too (a file without test cases)',
      find: `if (tests.total === 0)`,
      replace: `if (tests.total < 0)`,
    },
  ]),
  ...mutantsOf('job/annotated-line.ts', [
    {
      id: 'hand-over/tests-other-commit',
      breaks: 'no annotation on lines of a commit that is not the one that is checked out',
      find: ` || facts.otherCommit === true)`,
      replace: ` || !facts)`,
    },
  ]),
  ...mutantsOf('job/result-files.ts', [
    {
      id: 'hand-over/tests-fresh',
      breaks: '2, `results`: no FRESH test found fails it too',
      find: `    return staleness(this.#parts.batch, path, written);`,
      replace: `    return staleness(this.#parts.batch, path, written) && undefined;`,
    },
  ]),
  ...mutantsOf('report/junit.ts', [
    {
      id: 'hand-over/tests-doctype',
      breaks: '8: XML with a DOCTYPE is REFUSED',
      find: `  parser.ondoctype = barred;\n`,
      replace: ``,
    },
  ]),
  ...mutantsOf('report/junit/reader.ts', [
    {
      id: 'hand-over/tests-claimed',
      breaks: '4.1: green only when proven: a suite that tells of errors without a case is none',
      find: `claims.failed > 0 && suite.failed === 0`,
      replace: `claims.failed < 0 && suite.failed === 0`,
    },
  ]),
  ...mutantsOf('job/dry-run.ts', [
    {
      id: 'hand-over/dry-run-list',
      breaks: '2, `dry-run`: check … list access',
      find: `['reading the list of batches', () => listAccess(step, place)]`,
      replace: ``,
    },
    {
      id: 'hand-over/dry-run-probe',
      breaks: '2, `dry-run`: check … upload (a probe file, deleted)',
      find: `  all.push(['writing under upload-path', () => probe(step, place, plan.folder)]);\n`,
      replace: ``,
    },
    {
      id: 'hand-over/dry-run-probe-deleted',
      breaks: '2, `dry-run`: a probe file, DELETED',
      find: `  await place.lake.removeFolder(folder);\n`,
      replace: ``,
    },
    {
      id: 'hand-over/dry-run-red',
      breaks: '2, `dry-run`: what it proved and what it could not (a failed check is red)',
      find: `      first ??= thrown;\n`,
      replace: ``,
    },
    {
      id: 'hand-over/dry-run-tags',
      breaks: '2, `dry-run`: whether listed batches carry tags',
      find: `        : 'none of them carries tags, so that on-rerun can find nothing if it stays so';`,
      replace: `        : 'they are read';`,
    },
  ]),
];
