import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { placeOf, type Source } from '../../../../src/report/root-cause/mapping.ts';
import type { Frame } from '../../../../src/report/root-cause/traceback.ts';

const main: Source = { file: 'jobs/job.py', seen: 'job.py' };
const rules: Source = { file: 'lib/orders/rules.py', seen: 'orders/rules.py', zip: 'orders.zip' };
const texts: Readonly<Record<string, readonly string[]>> = {
  'jobs/job.py': ['import rules', '', 'rules.check(3)', '\tprint("end")'],
  'lib/orders/rules.py': ['def check(count):', '    raise ValueError(count)'],
};
const read = ({ file }: Source): readonly string[] | undefined => texts[file];
const call = (path: string, line: number, source?: string): Frame => ({
  ...{ path, line, within: 'f' },
  ...(source === undefined ? {} : { source }),
});
const place = (frames: readonly Frame[], sources: readonly Source[] = [main, rules]): unknown =>
  placeOf(frames, frames, sources, read);

describe('a call that shows its source line', () => {
  test('is placed when the line of the one file that fits is equal', () => {
    expect(place([call('/tmp/spark-1/job.py', 3, 'rules.check(3)')])).toEqual({
      file: 'jobs/job.py',
      line: 3,
    });
    expect(place([call('/tmp/spark-1/job.py', 4, 'print("end")')])).toEqual({
      file: 'jobs/job.py',
      line: 4,
    });
  });

  test('is passed over when the line is another one, beyond the end, or cannot be read', () => {
    expect(place([call('/tmp/spark-1/job.py', 1, 'rules.check(3)')])).toBeUndefined();
    expect(place([call('/tmp/spark-1/job.py', 30, 'rules.check(3)')])).toBeUndefined();
    expect(
      placeOf([call('/a/job.py', 3, 'rules.check(3)')], [], [main], () => undefined),
    ).toBeUndefined();
  });

  test('is passed over when two uploaded files fit, or it is code of others', () => {
    const other: Source = { file: 'other/job.py', seen: 'job.py' };
    const frame = call('/a/job.py', 3, 'rules.check(3)');
    expect(place([frame], [main, other])).toBeUndefined();
    for (const folder of ['lib/python3.11/site-packages', 'spark/pyspark', 'x/other.zip'])
      expect(place([call(`/${folder}/job.py`, 3, 'rules.check(3)')])).toBeUndefined();
  });

  test('gives way to the next one further out', () => {
    expect(
      place([call('/lib/json/decoder.py', 355, 'raise'), call('/a/job.py', 3, 'rules.check(3)')]),
    ).toEqual({ file: 'jobs/job.py', line: 3 });
  });
});

describe('a call without a source line', () => {
  test('is placed in a zip of ours, or where the same path is proven by another call', () => {
    const inZip = call('/tmp/userFiles/orders.zip/orders/rules.py', 2);
    expect(place([inZip])).toEqual({ file: 'lib/orders/rules.py', line: 2 });
    const proof = call('/tmp/a/job.py', 3, 'rules.check(3)');
    expect(placeOf([call('/tmp/a/job.py', 4)], [proof], [main], read)).toEqual({
      file: 'jobs/job.py',
      line: 4,
    });
  });

  test('is passed over by its name alone, on an empty line, and after a call that refutes the path', () => {
    expect(place([call('/tmp/a/job.py', 3)])).toBeUndefined();
    expect(place([call('/tmp/unpacked/orders/rules.py', 2)])).toBeUndefined();
    expect(place([call('/x/orders.zip/orders/rules.py', 9)])).toBeUndefined();
    const proof = call('/tmp/a/job.py', 3, 'rules.check(3)');
    expect(placeOf([call('/tmp/a/job.py', 2)], [proof], [main], read)).toBeUndefined();
    const path = '/x/orders.zip/orders/rules.py';
    expect(placeOf([call(path, 2)], [call(path, 1, 'something else')], [rules], read)).toBe(
      undefined,
    );
  });
});

test('a place is always a line of an uploaded file, with the text that was shown', () => {
  const path = fc.oneof(
    fc.constantFrom('/a/job.py', 'job.py', '/x/orders.zip/orders/rules.py', '\\a\\job.py', ''),
    fc.string(),
  );
  const source = fc.option(fc.oneof(fc.constantFrom(...Object.values(texts).flat()), fc.string()), {
    nil: undefined,
  });
  const frame = fc.record({ path, line: fc.nat(6), within: fc.string(), source });
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(frame, { maxLength: 8 }),
      (frames, proofs) => {
        const found = placeOf(frames, proofs, [main, rules], read);
        if (found === undefined) return;
        const text = texts[found.file]?.[found.line - 1];
        expect(text?.trim()).toBeTruthy();
        const shown = frames.filter(({ line }) => line === found.line).map((one) => one.source);
        expect(shown.some((one) => one === undefined || one.trim() === text?.trim())).toBe(true);
      },
    ),
    { numRuns: 2_000 },
  );
});
