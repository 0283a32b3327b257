import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { publicCause } from '../../../src/report/comment/public-cause.ts';

const place = { file: 'jobs/check_orders.py', line: 70 };

test.each([
  ['OperationalError: login failed for hunter2', undefined, 'OperationalError'],
  ['BadOrders: rules do not hold: hunter2', place, 'jobs/check_orders.py:70: BadOrders'],
  ['BadOrders', place, 'jobs/check_orders.py:70: BadOrders'],
  ['KeyboardInterrupt', undefined, 'KeyboardInterrupt'],
  [
    'AnalysisException: [PATH_NOT_FOUND] Path does not exist: hunter2',
    undefined,
    'AnalysisException [PATH_NOT_FOUND]',
  ],
  [
    'AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] hunter2',
    undefined,
    'AnalysisException [UNRESOLVED_COLUMN.WITH_SUGGESTION]',
  ],
  ['java.sql.SQLException: hunter2', undefined, 'java.sql.SQLException'],
  ["The job's process was killed (exit code 137).", undefined, 'exit code 137'],
  ['The job ended with exit code 3. Its last line: hunter2', undefined, 'exit code 3'],
])('%s', (title, at, shown) => {
  expect(publicCause({ title, ...(at && { place: at }) })).toBe(shown);
});

test.each([
  'hunter2',
  'Hunter2',
  'hunter2: not known',
  'Login failed for hunter2',
  'https://hunter2:x@host/',
  'hunter2.internal: refused',
  `${'A'.repeat(200)}: x`,
])('%s names nothing', (title) => {
  expect(publicCause({ title })).toBe('');
});

test.each(['[AKIAIOSFODNN7EXAMPLE]', '[HUNTER]', '[hunter_two]', '[A_1B2C3D4E]', 'x [A_B]'])(
  '%s is no error class of Spark',
  (words) => {
    expect(publicCause({ title: `ValueError: ${words} more` })).toBe('ValueError');
  },
);

test('no word of an exception shows, whatever it says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (said) => {
      expect(publicCause({ title: `ValueError: hunter2 ${said}` })).toBe('ValueError');
    }),
  );
});
