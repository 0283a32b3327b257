import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RunFacts, SparkStage } from '../../../src/report/facts.ts';
import { summary } from '../../../src/report/summary.ts';
import { outsideCode } from './code-of.ts';
import { at } from './stage.ts';

/** Text at its worst: what ends code, cells and folds, in any mixture, short or very long. */
const piece = fc.constantFrom(
  ...[
    '`',
    '```',
    '````````',
    '~~~',
    '\n',
    '\r',
    '\r\n',
    '|',
    '\\',
    '</details>',
    '<details>',
    '# ',
  ],
  ...[
    '<QQ>',
    '[QQ](https://e.example)',
    '![QQ](x)',
    '&lt;',
    '\u0000',
    '\u001b[31m',
    '\u202e',
    '🚀',
  ],
  ...[
    'é',
    '数',
    ' ',
    '\t',
    '---',
    '|---|',
    'x',
    '\ud800',
    '```mermaid\n',
    '</summary>',
    '%%{',
    ':',
  ],
);
const text = fc
  .tuple(
    fc.array(piece, { minLength: 1, maxLength: 12 }),
    fc.constantFrom(1, 1, 1, 1, 1, 1, 3, 50, 8_000),
  )
  .map(([pieces, times]) => pieces.join('').repeat(Math.min(times, 1_000_000 / pieces.length)));
const lines = fc
  .tuple(fc.array(text, { maxLength: 4 }), fc.constantFrom(1, 1, 30))
  .map(([all, times]) => Array.from({ length: times }, () => all).flat());
const number = fc.oneof(
  fc.nat(),
  fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300, Number.MAX_SAFE_INTEGER),
);
const time = fc.oneof(
  fc.nat(400).map(at),
  fc.constantFrom(undefined, Number.NaN, 8.64e15, -1e300, 1e300, 0),
);
const place = fc.option(fc.record({ file: text, line: fc.nat() }), { nil: undefined });
const status = fc.constantFrom<SparkStage['status'][]>(
  ...(['active', 'pending', 'complete', 'failed', 'skipped'] as const),
);
const stage: fc.Arbitrary<SparkStage> = fc.record({
  ...{ id: fc.nat(), attempt: fc.nat(3), name: text, status, submittedAt: time, completedAt: time },
  ...{ tasks: number, tasksDone: number, tasksFailed: number, inputRows: number },
  ...{ inputBytes: number, outputRows: number, outputBytes: number },
  ...{ shuffleReadBytes: number, shuffleWriteBytes: number, failure: text },
});
const failure = fc.record({
  ...{ name: text, suite: text, message: text, lines, place },
  kind: fc.constantFrom('failure' as const, 'error' as const),
});
const manyFailures = fc
  .tuple(fc.array(failure, { minLength: 1, maxLength: 3 }), fc.constantFrom(1, 1, 40))
  .map(([all, times]) => Array.from({ length: times }, () => all).flat());
const optional = fc.option(text, { nil: undefined });
const named = fc.record({ name: text, id: optional });

const worst: fc.Arbitrary<RunFacts> = fc.record({
  ...{ result: fc.constantFrom('Succeeded', 'Failed', 'TimedOut', 'Unknown', 'Cancelled') },
  ...{ errorCode: fc.option(fc.constant('BATCH_FAILED'), { nil: undefined }) },
  ...{ message: optional, advice: optional, requestId: optional, service: fc.constant('Fabric') },
  ...{ batchName: optional, batchId: optional, applicationId: optional, workspace: named },
  ...{ lakehouse: named, file: text, fileUri: optional, state: optional },
  ...{ submission: fc.constantFrom('submitted' as const, 'followed' as const) },
  runUrl: text.map((path) => `https://app.fabric.microsoft.com/${path}`),
  ...{ logPath: optional, acceptedAt: time, startingAt: time, runningAt: time, endedAt: time },
  ...{ jobOutput: optional, notes: lines, settings: lines, requests: fc.nat() },
  rootCause: fc.option(fc.record({ title: text, message: lines, lines, place }), {
    nil: undefined,
  }),
  tests: fc.option(
    fc.record({
      ...{ files: lines, total: number, failed: number, skipped: number, seconds: number },
      failures: manyFailures,
    }),
    { nil: undefined },
  ),
  stages: fc.array(stage, { maxLength: 6 }),
  session: fc.record({ vCoreHours: number, reckoned: optional }),
  sourceUrl: fc.constantFrom(undefined, 'https://github.com/o/r/blob/abc/'),
});

/** Whether each fence is closed; what stands in code does not count. */
function openFence(markdown: string): string | undefined {
  let fence: string | undefined;
  for (const line of markdown.split('\n')) {
    const ticks = /^(`{3,})\w*$/.exec(line)?.[1];
    if (fence === undefined) fence = ticks;
    else if (ticks !== undefined && ticks === line && ticks.length >= fence.length)
      fence = undefined;
  }
  return fence;
}

test('whatever the facts are, the summary fits, is well formed, and holds foreign text as text only', () => {
  fc.assert(
    fc.property(worst, (facts) => {
      const markdown = summary(facts);
      expect(Buffer.byteLength(markdown)).toBeLessThan(1_024 * 1_024);
      expect(openFence(markdown)).toBeUndefined();
      const outside = outsideCode(markdown);
      const tags = [...outside.matchAll(/(?<!\\)<[^\n]*/g)].map(([tag]) => tag);
      for (const tag of tags)
        expect(tag).toMatch(/^<details><summary>[\w ,]+<\/summary>$|^<\/details>$/);
      const folds = tags.map((tag) => (tag === '</details>' ? '-' : '+'));
      expect(folds.join('')).toMatch(/^(\+-)*$/);
      expect(outside).not.toMatch(/(?<!\\)\]\((?!https:\/\/(app\.fabric|github\.com\/o\/r\/))/);
      expect(outside).not.toMatch(/undefined|NaN/);
      expect(markdown.toWellFormed()).toBe(markdown);
    }),
    { numRuns: 60 },
  );
});

test('no section comes near the whole: the limit is there for what is not thought of', () => {
  const tick = '`'.repeat(2_000_000);
  const many = Array.from({ length: 2_000 }, () => tick);
  const place = { file: tick, line: 1 };
  const facts: RunFacts = {
    ...{ result: 'Failed', errorCode: 'BATCH_FAILED', message: tick, advice: tick, file: tick },
    ...{ workspace: { name: tick, id: tick }, lakehouse: { name: tick, id: tick }, requests: 1 },
    ...{ submission: 'submitted', notes: many, jobOutput: tick, settings: many, state: tick },
    rootCause: { title: tick, message: [tick], lines: many, place },
    tests: {
      ...{ files: many, total: 2_000, failed: 2_000, skipped: 0 },
      failures: many.map((name) => ({
        ...{ name, suite: name, message: name, lines: [name], place },
        kind: 'failure' as const,
      })),
    },
  };
  const whole = summary(facts);
  expect(whole).not.toContain('Left out');
  expect(Buffer.byteLength(whole)).toBeLessThan(900 * 1_024);
  const half = summary(facts, 300_000);
  expect(Buffer.byteLength(half)).toBeLessThanOrEqual(300_000);
  expect(half).toContain('Left out, since there is no room for more: job output');
});
