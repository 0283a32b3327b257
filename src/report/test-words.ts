import type { TestFailure, TestResults } from './facts.ts';

/** Failed tests that an error names; the others are in the summary. */
const named = 5;
const inTheLog = 100;
/** The runner cuts a longer one. */
const longestAnnotation = 4_096;
const longestName = 200;

/** `20 tests, 3 failed, 1 skipped`. */
export function testCount({
  total,
  failed,
  skipped,
}: Pick<TestResults, 'total' | 'failed' | 'skipped'>): string {
  const parts = [`${total.toLocaleString('en')} ${total === 1 ? 'test' : 'tests'}`];
  if (failed > 0) parts.push(`${failed.toLocaleString('en')} failed`);
  if (skipped > 0) parts.push(`${skipped.toLocaleString('en')} skipped`);
  if (failed === 0 && total > skipped) parts.push(skipped > 0 ? 'the others passed' : 'all passed');
  return parts.join(', ');
}

/** `3 of 20 tests failed:` and the first of them, one a line. */
export function failedTests({ total, failed, failures }: TestResults): string {
  const shown = failures
    .slice(0, named)
    .map((failure) => `- ${nameOf(failure)}: ${failure.message}`);
  const more = failed > shown.length ? [`- and ${failed - shown.length} more`] : [];
  return [
    `${failed} of ${total} ${total === 1 ? 'test' : 'tests'} failed:`,
    ...shown,
    ...more,
  ].join('\n');
}

/** Each failed test in a line of the log; text from elsewhere. */
export function failureLines({ failed, failures }: TestResults): string[] {
  const shown = failures.slice(0, inTheLog).map((failure) => {
    const at = failure.place ? ` (${failure.place.file}:${failure.place.line})` : '';
    return `FAILED ${nameOf(failure)}${at}: ${failure.message}`;
  });
  return failed > shown.length ? [...shown, `… and ${failed - shown.length} more`] : shown;
}

/** A failed test as an annotation. */
export function annotationText(failure: TestFailure): { title: string; message: string } {
  const { name, message, lines } = failure;
  const text =
    lines.length > 0 && lines[0] !== message
      ? [message, '', ...lines]
      : [message, ...lines.slice(1)];
  return {
    title: bounded(name, longestName),
    message: bounded(text.join('\n'), longestAnnotation),
  };
}

function nameOf({ name, suite }: TestFailure): string {
  return bounded(suite === '' || suite === name ? name : `${suite} › ${name}`, longestName);
}

function bounded(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
