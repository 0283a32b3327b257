import { StepError } from '../errors.ts';
import { Checkout } from '../inputs/checkout.ts';
import type { TestFailure, TestResults } from '../report/facts.ts';
import type { JunitResults } from '../report/junit.ts';
import { annotationText, failedTests, failureLines, testCount } from '../report/test-words.ts';
import { annotatedLine } from './annotated-line.ts';
import type { FollowedBatch } from './batch.ts';
import type { Place } from './place.ts';
import { readResultFiles, type ResultFiles } from './result-files.ts';
import { Interrupted, type Step } from './step.ts';
import { TestPlaces } from './test-places.ts';

/** Failures of all files together that are kept with their text. */
const mostFailures = 200;
/** The runner takes 10 errors of a step; one is the verdict's. */
const mostAnnotations = 9;

/**
 * Reads the JUnit XML that the job wrote and tells of it: `facts.tests`, a line with the totals, each
 * failed test in the log and, where it is known, on its line of the checkout. Gives why the step is red:
 * TESTS_FAILED, RESULTS_INVALID (a file is broken or out of bounds: what died while writing is not green),
 * NO_TESTS (a line of the input found no fresh file, or there is no test case in any); `undefined` when
 * all tests passed. Throws what OneLake refused; `Interrupted`.
 */
export async function readTestResults(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  globs: readonly string[],
): Promise<StepError | undefined> {
  const counting = new Counting(step);
  const files = await readResultFiles(step, place, batch, globs, (path, text, signal) =>
    counting.take(path, text, signal),
  );
  const { tests } = counting;
  if (tests.files.length > 0) {
    step.facts.tests = tests;
    await tell(step, tests);
  }
  return redBy(files, tests);
}

/** All files together. */
class Counting {
  readonly #step: Step;
  readonly #places: TestPlaces;
  readonly #all = { files: new Array<string>(), total: 0, failed: 0, skipped: 0 };
  readonly #failures: TestFailure[] = [];
  #seconds: number | undefined;

  constructor(step: Step) {
    const { runner } = step.world;
    const checkout = new Checkout(runner.env('GITHUB_WORKSPACE') || '.');
    this.#step = step;
    this.#places = new TestPlaces(checkout, {
      // What runs is not what is checked out: only a line that reads the same is known.
      onlyByText: step.facts.submission === 'followed',
    });
  }

  get tests(): TestResults {
    return { ...this.#all, seconds: this.#seconds, failures: this.#failures };
  }

  /** Parses a file and counts it. Gives why it is no whole JUnit XML. Throws `Interrupted` on the signal. */
  async take(path: string, text: string, signal: AbortSignal): Promise<string | undefined> {
    // The parser is evaluated only where there are results.
    const { junitPieces, JunitRefusal } = await import(
      /* webpackMode: "eager" */ '../report/junit.ts'
    );
    const pieces = junitPieces(text, this.#step.services.hide);
    try {
      for (;;) {
        const { done, value } = pieces.next();
        if (done === true) {
          this.#add(path, value);
          return undefined;
        }
        // A signal and the end of the time are heard between two pieces.
        await this.#step.world.clock.sleep(0, signal);
        if (signal.aborted) throw new Interrupted();
      }
    } catch (thrown) {
      if (thrown instanceof JunitRefusal) return thrown.message;
      throw thrown;
    }
  }

  #add(path: string, results: JunitResults): void {
    this.#all.files.push(path);
    this.#all.total += results.total;
    this.#all.failed += results.failed;
    this.#all.skipped += results.skipped;
    if (results.seconds !== undefined) this.#seconds = (this.#seconds ?? 0) + results.seconds;
    for (const failed of results.failures.slice(0, mostFailures - this.#failures.length)) {
      const { name, suite, kind, message, lines } = failed;
      const place = this.#places.placeOf(failed);
      this.#failures.push({ name, suite, kind, message, lines, place });
    }
  }
}

async function tell(step: Step, tests: TestResults): Promise<void> {
  const { inputs, world } = step;
  const { runner } = world;
  runner.info(
    `Tests:       ${testCount(tests)} (${tests.files.slice(0, 5).join(', ')}${tests.files.length > 5 ? ', …' : ''})`,
  );
  await runner.remote(failureLines(tests));
  if (!inputs.annotations) return;
  const placed = tests.failures.filter(({ place }) => annotatedLine(step, place) !== undefined);
  for (const failure of placed.slice(0, mostAnnotations)) {
    const { message, title } = annotationText(failure);
    runner.error(message, title, failure.place);
  }
  const more = placed.length - mostAnnotations;
  if (more > 0)
    runner.notice(
      `${more} more failed ${more === 1 ? 'test is' : 'tests are'} not annotated, since a step has room for 10; the log and the job summary name them.`,
    );
}

function redBy({ missing, broken }: ResultFiles, tests: TestResults): StepError | undefined {
  const wrong = [...broken.slice(0, 5), ...missing];
  if (tests.failed > 0)
    return new StepError('TESTS_FAILED', [failedTests(tests), ...wrong].join('\n'), {
      advice: 'The log and the job summary show each failed test.',
    });
  if (broken.length > 0)
    return new StepError('RESULTS_INVALID', wrong.join('\n'), {
      advice:
        'Look in the log for what ended the test run while it wrote its results; results takes JUnit XML.',
    });
  if (missing.length > 0)
    return new StepError('NO_TESTS', missing.join('\n'), {
      advice:
        'Let the job write its JUnit XML there before it ends, anew in each run; {submission} in the path keeps runs apart.',
    });
  if (tests.total === 0)
    return new StepError('NO_TESTS', `There is no test case in ${tests.files.join(', ')}.`, {
      advice: 'Check what the job collects its tests from.',
    });
  return undefined;
}
