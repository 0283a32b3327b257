import { expect, test } from '@jest/globals';
import { amount, size } from '../../../src/report/quantity.ts';

test.each([
  [0, '0'],
  [999_999, '999,999'],
  [1_000_000, '1M'],
  [38_412_907, '38.4M'],
  [812_443_120, '812M'],
  [1_250_000_000, '1.3G'],
])('%i rows are %s', (count, words) => expect(amount(count)).toBe(words));

test.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1 KiB'],
  [340 * 1_048_576, '340 MiB'],
  [1.5 * 2 ** 40, '1.5 TiB'],
  [2 ** 70, '1048576 PiB'],
])('%i bytes are %s', (bytes, words) => expect(size(bytes)).toBe(words));
