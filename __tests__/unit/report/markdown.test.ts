import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { block, link, plain, span } from '../../../src/report/markdown.ts';
import { outsideCode } from './code-of.ts';

/** Text that tries to end its code and to be markup. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('`', '``', '```', '~~~', '````', '\n', '\r', '\r\n', '|', '\\', ' ', '\t'),
      fc.constantFrom(
        '<img src=x>',
        '</code>',
        '</pre>',
        '<!--',
        '[a](https://e.example)',
        '![x](y)',
      ),
      fc.constantFrom(
        '@owner',
        '#1',
        '&lt;',
        '$x$',
        'MARK',
        '> ',
        '# ',
        '- ',
        '***',
        '\u2028',
        '\u0000',
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));
const mark = 'QQMARKQQ';
const marked = hostile.map((text) => `${mark}${text}${mark}${text}${mark}`);

describe('the reader of this test', () => {
  test.each([
    ['a `b` c', 'a  c'],
    ['a ``b ` c`` d', 'a  d'],
    ['a ` b', 'a ` b'],
    ['```\nx\n```\ny', 'y'],
    ['````\n```\nx\n````\ny', 'y'],
    ['| a | `x|y` |', 'a `x y`'],
    ['\\`a`', '\\`a`'],
  ])('%j', (markdown, outside) => {
    expect(outsideCode(markdown).replace(/\s+/g, ' ').trim()).toBe(outside.replace(/\s+/g, ' '));
  });
});

describe('an inline code span', () => {
  test('shows plain text in backticks', () => {
    expect(span('a b')).toBe('`a b`');
  });

  test('cannot be left by its text', () => {
    fc.assert(
      fc.property(marked, (text) => {
        const code = span(text);
        expect(code).not.toMatch(/[\r\n]/);
        expect(outsideCode(`before ${code} after`)).not.toContain(mark);
        expect(outsideCode(`before ${code} after`)).toContain('after');
      }),
      { numRuns: 3_000 },
    );
  });

  test('cannot end the cell of a table', () => {
    fc.assert(
      fc.property(marked, (text) => {
        const row = `| label | ${span(text)} |`;
        expect(row.split(/(?<!\\)\|/)).toHaveLength(4);
        expect(outsideCode(row)).not.toContain(mark);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is bounded, and never a broken pair', () => {
    expect(span('x'.repeat(100_000)).length).toBeLessThan(1_000);
    expect(span('😀'.repeat(100_000))).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
    for (const text of ['', ' ', '\n', '`', '``'])
      expect(outsideCode(`a ${span(text)} b`)).toMatch(/^a\s.*b$/s);
  });
});

describe('a fenced block', () => {
  test('cannot be left by its lines', () => {
    fc.assert(
      fc.property(fc.array(marked, { maxLength: 5 }), (lines) => {
        const outside = outsideCode(`before\n\n${block(lines)}\n\nafter`);
        expect(outside).not.toContain(mark);
        expect(outside).toContain('before');
        expect(outside).toContain('after');
      }),
      { numRuns: 3_000 },
    );
  });

  test('shows its lines, and is bounded', () => {
    const code = block(['one', '  two', '```']);
    expect(code).toContain('\none\n  two\n```\n');
    expect(code.startsWith('````')).toBe(true);
    expect(block(Array.from({ length: 50_000 }, (_, line) => `line ${line}`)).length).toBeLessThan(
      64_000,
    );
    expect(block(['x'.repeat(1_000_000)]).length).toBeLessThan(64_000);
    expect(outsideCode(`${block(['`'.repeat(50_000), mark])}\n\nafter`)).not.toContain(mark);
  });
});

describe('our sentences with names in them', () => {
  test('show as they stand, without any markup', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = plain(text);
        expect(shown).not.toMatch(/(?<!\\)</);
        expect(shown).not.toMatch(/(?<!\\)[`[\]]/);
      }),
      { numRuns: 1_000 },
    );
    expect(plain('The batch failed, after 3 min.')).toBe('The batch failed, after 3 min.');
  });
});

describe('a link', () => {
  const url = 'https://app.fabric.microsoft.com/workloads/de-ds/sparkmonitor/a/b';

  test('leads to a plain https URL', () => {
    expect(link('Monitoring hub', url)).toBe(`[Monitoring hub](${url})`);
  });

  test.each([
    'javascript:alert(1)',
    'http://app.fabric.microsoft.com/',
    'https://x) [evil](https://evil.example',
    'https://x"onclick',
    'https://x<script>',
    'https://x y',
    'https://x\n',
    '',
  ])('to %j is the text alone', (target) => {
    expect(link('text', target)).not.toMatch(/\]\(/);
  });

  test('cannot be left by its target', () => {
    fc.assert(
      fc.property(hostile, (target) => {
        const made = link('text', `https://x/${target}`);
        expect((made.match(/(?<!\\)\]\(/g) ?? []).length).toBeLessThanOrEqual(1);
        expect(made).not.toMatch(/(?<!\\)</);
      }),
      { numRuns: 1_000 },
    );
  });
});
