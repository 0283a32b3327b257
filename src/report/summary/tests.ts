import { preciseDuration } from '../duration.ts';
import type { RunFacts, TestFailure, TestResults } from '../facts.ts';
import { block, folded, inline } from '../markdown.ts';
import { placeLink } from '../place-link.ts';

/** Failures shown, bytes of what stands beside one, and bytes after which no further one is shown. */
const most = { failures: 50, lines: 3_000, bytes: 200_000 };

/** What the job's tests gave: the totals, then each failure with its place and message; '' without tests. */
export function testSection(facts: RunFacts): string {
  const { tests, sourceUrl } = facts;
  if (!tests) return '';
  const parts = [heading(tests)];
  let bytes = 0;
  let shown = 0;
  for (const failure of tests.failures.slice(0, most.failures)) {
    const text = failureText(failure, sourceUrl);
    bytes += Buffer.byteLength(text);
    if (bytes > most.bytes) break;
    parts.push(text);
    shown += 1;
  }
  const left = Math.max(tests.failed, tests.failures.length) - shown;
  if (left > 0) parts.push(shown === 0 ? `${left} failures are not shown.` : `… and ${left} more`);
  if (tests.files.length > 0) parts.push(readFrom(tests.files));
  return parts.join('\n\n');
}

/** `✅ 17 passed · ❌ 2 failed · ⏭️ 1 skipped in 12 s`: all totals in one line. */
export function testTotals({ total, failed, skipped, seconds }: TestResults): string {
  const passed = Math.max(0, total - failed - skipped);
  const parts = [
    passed > 0 ? `✅ ${passed} passed` : '',
    failed > 0 ? `❌ ${failed} failed` : '',
    skipped > 0 ? `⏭️ ${skipped} skipped` : '',
  ].filter((part) => part !== '');
  const counts = parts.length === 0 ? 'no test ran' : parts.join(' · ');
  return seconds === undefined || !Number.isFinite(seconds)
    ? counts
    : `${counts} in ${preciseDuration(seconds * 1_000)}`;
}

function heading(tests: TestResults): string {
  return `### Tests: ${testTotals(tests)}`;
}

function failureText(failure: TestFailure, sourceUrl: string | undefined): string {
  const { name, suite, kind, message, lines, place } = failure;
  const head = [
    `❌ **${inline(name) || 'a test without a name'}**${kind === 'error' ? ' (error)' : ''}`,
    inline(suite),
    place === undefined ? '' : placeLink(place, sourceUrl),
  ].filter((part) => part !== '');
  const said = inline(message);
  const details =
    lines.length === 0
      ? ''
      : `\n\n${folded(lines.length === 1 ? 'Details, 1 line' : `Details, ${lines.length} lines`, block(lines, most.lines))}`;
  return `${head.join(' · ')}${said === '' ? '' : `  \n${said}`}${details}`;
}

function readFrom(files: readonly string[]): string {
  const named = files.slice(0, 3).map(inline).join(', ');
  return `Read from ${named}${files.length > 3 ? ` and ${files.length - 3} more files` : ''}`;
}
