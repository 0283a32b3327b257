import { mutantsOf, type Mutant } from './mutant.ts';

/** Section 2: outputs, set as soon as known and on failure too; bug class 6. */
export const outputs: readonly Mutant[] = [
  ...mutantsOf('job/outcome.ts', [
    {
      id: 'outputs/on-failure',
      breaks: 'class 6: outputs … on failure too',
      find: `  outputs.publish(facts);\n`,
      replace: `  if (!error) outputs.publish(facts);\n`,
    },
    {
      id: 'outputs/run-url',
      breaks: '2, outputs: `run-url`',
      find: `    this.#output('run-url', facts.runUrl);\n`,
      replace: ``,
    },
    {
      id: 'outputs/queued-seconds',
      breaks: '2, outputs: `queued-seconds` (up to the start of the application)',
      find: `seconds(queued + (starting ?? 0))`,
      replace: `seconds(queued)`,
    },
    {
      id: 'outputs/changed-value',
      breaks: '2, outputs: `result`, `state`: the last word, not the first',
      find: `if (value === undefined || this.#set.get(name) === value) return;`,
      replace: `if (value === undefined || this.#set.has(name)) return;`,
    },
  ]),
  ...mutantsOf('job/batch.ts', [
    {
      id: 'outputs/batch-id-at-once',
      breaks: 'class 6: outputs, set AS SOON AS KNOWN (batch-id, run-url)',
      find: `  step.outputs.publish(facts);\n`,
      replace: ``,
    },
    {
      id: 'outputs/adopted',
      breaks: '2, outputs: `submission`: `adopted`',
      find: `submission: how,`,
      replace: `submission: how === 'adopted' ? 'submitted' : how,`,
    },
  ]),
  ...mutantsOf('job/submission.ts', [
    {
      id: 'outputs/unknown-while-running',
      breaks: 'class 1, 6: `result` of a step whose main was killed is not `NotStarted`',
      find: `batchId: undefined, result: 'Unknown' });`,
      replace: `batchId: undefined });`,
    },
    {
      id: 'outputs/unconfirmed',
      breaks: '2, outputs: `submission`: `unconfirmed`',
      find: `  step.facts.submission = 'unconfirmed';\n`,
      replace: `  step.facts.submission = step.interrupt.raised ? 'unconfirmed' : step.facts.submission;\n`,
    },
  ]),
  ...mutantsOf('job/follow.ts', [
    {
      id: 'outputs/application-id-at-once',
      breaks: 'class 6: outputs, set AS SOON AS KNOWN (application-id, state)',
      find: `    onFact();\n`,
      replace: `    if (facts.endedAt !== undefined) onFact();\n`,
    },
  ]),
  ...mutantsOf('job/place.ts', [
    {
      id: 'outputs/ids-at-once',
      breaks: 'class 6: outputs, set AS SOON AS KNOWN (workspace-id, lakehouse-id)',
      find: `  step.outputs.publish(facts);\n`,
      replace: ``,
    },
  ]),
  ...mutantsOf('job.ts', [
    {
      id: 'outputs/input-error',
      breaks: 'class 6: outputs … on failure too (an input error has its code)',
      find: `      errorCode: thrown.code,\n`,
      replace: ``,
    },
  ]),
  ...mutantsOf('job/end-in-time.ts', [
    {
      id: 'outputs/slow-cancel',
      breaks: 'class 6: outputs … on failure too (a cancel that Fabric does not answer)',
      find: `    runner.output('error-code', 'CANCELLED');\n`,
      replace: ``,
    },
  ]),
  ...mutantsOf('main.ts', [
    {
      id: 'outputs/slow-cancel-in-time',
      breaks: '10: what failed, why, what to do: said before the runner kills the step at 10 s',
      find: `const beforeKill = 8_700;`,
      replace: `const beforeKill = 18_700;`,
    },
  ]),
];
