import type { StepError } from '../errors.ts';
import { errorText, messageOf } from '../errors.ts';
import type { RunFacts } from '../report/facts.ts';
import { headingOf } from '../report/headings.ts';
import { spent, summary, times } from '../report/summary.ts';
import type { Runner } from '../runner.ts';
import { annotatedLine } from './annotated-line.ts';
import type { Step } from './step.ts';

/** Sets outputs as soon as they are known; a value is set again only when it changed. */
export class Outputs {
  readonly #runner: Runner;
  readonly #set = new Map<string, string>();

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  publish(facts: RunFacts): void {
    const seconds = (milliseconds: number | undefined): string | undefined =>
      milliseconds === undefined ? undefined : String(Math.round(milliseconds / 1_000));
    const { queued, starting, running } = times(facts);
    const started = facts.runningAt !== undefined || facts.endedAt !== undefined;
    this.#output('batch-id', facts.batchId);
    this.#output('application-id', facts.applicationId);
    this.#output('workspace-id', facts.workspace.id);
    this.#output('lakehouse-id', facts.lakehouse.id);
    this.#output('state', facts.state);
    this.#output('result', facts.result);
    this.#output('error-code', facts.errorCode);
    this.#output('submission', facts.submission);
    this.#output('run-url', facts.runUrl);
    this.#output('file-uri', facts.fileUri);
    this.#output('log-path', facts.logPath);
    this.#output('job-output', facts.jobOutput);
    this.#output('tests-total', facts.tests?.total.toString());
    this.#output('tests-failed', facts.tests?.failed.toString());
    this.#output('tests-skipped', facts.tests?.skipped.toString());
    if (started && queued !== undefined)
      this.#output('queued-seconds', seconds(queued + (starting ?? 0)));
    this.#output('running-seconds', seconds(running));
  }

  #output(name: string, value: string | undefined): void {
    if (value === undefined || this.#set.get(name) === value) return;
    this.#set.set(name, value);
    this.#runner.output(name, value);
  }
}

/** The end of the step for its reader: outputs, one verdict line or one error annotation, the summary. */
export async function conclude(step: Step, error?: StepError): Promise<void> {
  const { facts, inputs, outputs, services } = step;
  const { runner } = step.world;
  outputs.publish(facts);
  const spans = [spent(facts)].filter((text) => text !== '');
  runner.info(`Result: ${[facts.result, ...spans, `${facts.requests} requests`].join(' · ')}`);
  if (facts.logPath) runner.info(`Driver log: ${facts.logPath}`);
  if (facts.runUrl) runner.info(`Run: ${facts.runUrl}`);
  if (error) tellError(step, error);
  if (!inputs.summary) return;
  try {
    // What the job wrote to output-file stands in it as well.
    await runner.summary(services.hide(summary(facts)));
  } catch (thrown) {
    runner.warning(`The job summary could not be written: ${messageOf(thrown)}`);
  }
}

/** The one error annotation, on its line where that can be named; else its words name it. */
function tellError(step: Step, error: StepError): void {
  const { facts, inputs, world } = step;
  const found = inputs.annotations ? facts.rootCause?.place : undefined;
  const place = annotatedLine(step, found);
  const where = found && !place ? [`Raised in ${found.file}, line ${found.line}.`] : [];
  const text = [errorText(error), ...where].join('\n');
  world.runner.error(text, headingOf(facts).text, place);
}
