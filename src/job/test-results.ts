import { StepError } from '../errors.ts';
import { Checkout } from '../inputs/checkout.ts';
import { Redactor } from '../log/redactor.ts';
import type { TestFailure, TestResults } from '../report/facts.ts';
import type { JunitResults } from '../report/junit.ts';
import { annotationText, failedTests, failureLines, testCount } from '../report/test-words.ts';
import { annotatedLine } from './annotated-line.ts';
import type { FollowedBatch } from './batch.ts';
import type { Place } from './place.ts';
import { readResultFiles, type ResultFiles } from './result-files.ts';
import type { Step } from './step.ts';
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
  const files = await readResultFiles(step, place, batch, globs);
  const tests = await counted(step, files);
  if (tests.files.length > 0) {
    step.facts.tests = tests;
    await tell(step, tests);
  }
  return redBy(files, tests);
}

/** All files together. What is wrong with one is noted in `broken`. */
async function counted(step: Step, { fresh, broken }: ResultFiles): Promise<TestResults> {
  // The parser is evaluated only where there are results.
  const { junit, JunitRefusal } = await import(/* webpackMode: "eager" */ '../report/junit.ts');
  const { runner } = step.world;
  const places = new TestPlaces(new Checkout(runner.env('GITHUB_WORKSPACE') || '.'));
  const all = { files: new Array<string>(), total: 0, failed: 0, skipped: 0 };
  const failures: TestFailure[] = [];
  let seconds: number | undefined;
  for (const { path, text } of fresh) {
    let results: JunitResults;
    try {
      results = junit(withoutSecrets(step, text));
    } catch (thrown) {
      if (!(thrown instanceof JunitRefusal)) throw thrown;
      broken.push(`${path} ${thrown.message}.`);
      continue;
    }
    all.files.push(path);
    all.total += results.total;
    all.failed += results.failed;
    all.skipped += results.skipped;
    if (results.seconds !== undefined) seconds = (seconds ?? 0) + results.seconds;
    for (const failed of results.failures.slice(0, mostFailures - failures.length)) {
      const { name, suite, kind, message, lines } = failed;
      failures.push({ name, suite, kind, message, lines, place: places.placeOf(failed) });
    }
  }
  return { ...all, seconds, failures };
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

/** The job may have printed a secret of this step into a test's message. */
function withoutSecrets(step: Step, text: string): string {
  const redactor = new Redactor(step.services.secrets);
  const bytes = redactor.push(Buffer.from(text));
  return Buffer.concat([bytes, redactor.end()]).toString('utf8');
}
