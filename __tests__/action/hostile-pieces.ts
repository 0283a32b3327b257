import fc from 'fast-check';
import type { BatchScript, ScriptStep } from '../../local/engine/scripted.ts';
import type { Fault, Faults, RequestLine } from '../../local/faults.ts';
import type { DriverLogSettings } from '../../local/settings.ts';
import { brokenLines, join } from './hostile-bytes.ts';
import { fenceGuesses, plainCommands } from './hostile-lines.ts';
import { secretForms } from './hostile-run.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Parts of lines that mean something to a decoder or to the runner. */
const signs = [
  ...[
    '\r',
    '\t',
    ' ',
    '\u0000',
    ':',
    '::',
    '##[',
    ']',
    '\u001b',
    '\u001b[',
    '\u001b[1m',
    '\u001bM',
  ],
  ...['\u001b]0;', '\u0007', '\u001b\\', '\u009b', '\u0085', '\u2028', '\ufeff', 'é', '\u{1f600}'],
];

/** A log as a list of pieces, so that what is shown of it shrinks piece by piece. */
export const hostileLog = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r\n', '\n\n').map(utf8),
      fc.constantFrom(...plainCommands, ...fenceGuesses(['token', ''])).map(utf8),
      fc.constantFrom(...brokenLines),
      fc.constantFrom(...signs).map(utf8),
      fc.constantFrom(...secretForms).map(utf8),
      fc.integer({ min: 990, max: 2_010 }).map((length) => utf8('='.repeat(length))),
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 12 }).map(utf8),
    ),
    { maxLength: 30 },
  )
  .map(join);

/** When how much of a log is there: parts of a thousand, and the seconds until they come. */
export const pace = fc.array(
  fc.record({ share: fc.integer({ min: 0, max: 1_000 }), wait: fc.integer({ min: 0, max: 5 }) }),
  { maxLength: 8 },
);
type Pace = readonly { share: number; wait: number }[];

/** A batch whose logs come at their own pace, and what is left of them with its end. */
export function paced(logs: {
  stdout: { bytes: Uint8Array; pace: Pace };
  stderr: { bytes: Uint8Array; pace: Pace };
}): BatchScript {
  const steps: ScriptStep[] = [{ at: 3, phase: 'running' }];
  let end = 4;
  for (const stream of ['stdout', 'stderr'] as const) {
    const { bytes, pace: given } = logs[stream];
    const places = given.map(({ share }) => Math.round((share * bytes.length) / 1_000));
    const bounds = [0, ...places.sort((one, other) => one - other), bytes.length];
    let at = 3;
    for (const [index, bound] of bounds.entries()) {
      at += given[index - 1]?.wait ?? 0;
      steps.push({ at, [stream]: bytes.subarray(bounds[index - 1] ?? 0, bound) });
    }
    end = Math.max(end, at + 1);
  }
  // The engine appends what has happened in the order in which it stands here.
  steps.sort((one, other) => one.at - other.at);
  return { steps: [...steps, { at: end, phase: 'success' }] };
}

/** What the log API does beside serving the bytes. */
export const quirks = fc.record({
  driverLog: fc.record({
    offsetsEndWithApplication: fc.boolean(),
    absentBeforeStart: fc.boolean(),
    sizeIgnored: fc.boolean(),
    offsetsServed: fc.constantFrom(true, true, true, true, false),
    rollingServed: fc.boolean(),
    largestOffset: fc.oneof(
      { weight: 3, arbitrary: fc.constant(Number.MAX_SAFE_INTEGER) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 4_000 }) },
    ),
  }) satisfies fc.Arbitrary<Partial<DriverLogSettings>>,
  absences: fc.integer({ min: 0, max: 4 }),
  faults: fc.array(
    fc.constantFrom<Fault | undefined>(
      undefined,
      { kind: 'cut' },
      { kind: 'cut', bytes: 0 },
      { kind: 'cut', bytes: 7 },
      { kind: 'reset', moment: 'before' },
      { kind: 'reset', moment: 'after' },
      { kind: 'answer', status: 500 },
      { kind: 'answer', status: 503, headers: { 'retry-after': '2' } },
    ),
    { maxLength: 10 },
  ),
});

/** Lets each log request meet its fault in turn: none when they are used up. Gives how to end it. */
export function misbehave(
  faults: Faults,
  given: { absences: number; faults: readonly (Fault | undefined)[] },
): () => void {
  let requests = 0;
  const isLog = ({ path }: { path: string }): boolean => path.includes('/logs?');
  const inTurn = [
    ...Array<Fault>(given.absences).fill({ kind: 'answer', status: 404 }),
    ...given.faults,
  ];
  const ends = inTurn.flatMap((fault, index) =>
    fault === undefined
      ? []
      : [faults.add({ when: (line) => isLog(line) && requests === index + 1, fault })],
  );
  // The last one added is asked first: it counts.
  const count = (line: RequestLine): boolean => {
    if (isLog(line)) requests += 1;
    return false;
  };
  ends.push(faults.add({ when: count, fault: { kind: 'cut' } }));
  return () => ends.forEach((end) => end());
}
