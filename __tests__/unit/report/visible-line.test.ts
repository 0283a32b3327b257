import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { visibleLine } from '../../../src/report/comment/visible-line.ts';

test.each([
  ['a\r\nb\tc', 'a b c'],
  ['\u001b[31mred\u001b[0m text', 'red text'],
  ['\u009b31mred', 'red'],
  ['\u001b]8;;https://evil.example\u0007link\u001b]8;;\u001b\\', 'link'],
  ['user\u202egnp.exe', 'user gnp.exe'],
  ['a\u200bb\u2066c\ufeff', 'a b c'],
  ['a\u2028b\u0000c\u0085', 'a b c'],
  ['half \ud800', 'half \ufffd'],
  ['Zürich 表 🙂', 'Zürich 表 🙂'],
])('%j is shown as %j', (text, shown) => {
  expect(visibleLine(text)).toBe(shown);
});

test('any text becomes one line that stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = visibleLine(text);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(visibleLine(line)).toBe(line);
    }),
  );
});
