import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { block, cut, folded, inline, link, plain, span } from '../../../src/report/markdown.ts';
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

describe('a text that is cut', () => {
  test('keeps to its bytes and ends between characters', () => {
    expect(cut('aé🚀', 7)).toBe('aé🚀');
    expect(cut('aé🚀', 6)).toBe('aé…');
    expect(cut('aé🚀', 2)).toBe('a…');
    fc.assert(
      fc.property(
        fc
          .array(fc.constantFrom('a', 'é', '数', '🚀', '\ud800', '\udc00'))
          .map((all) => all.join('')),
        fc.nat(60),
        (text, bytes) => {
          const kept = cut(text, bytes);
          expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(Math.max(bytes + 3, 3));
          expect(Buffer.from(kept).toString()).toBe(kept);
        },
      ),
    );
  });

  test('bounds a block in bytes, and a sentence of ours', () => {
    expect(Buffer.byteLength(block(['数'.repeat(90_000)]))).toBeLessThan(20_020);
    expect(Buffer.byteLength(block(['数'.repeat(90_000)], 300))).toBeLessThan(320);
    expect(Buffer.byteLength(plain('\\*'.repeat(90_000)))).toBeLessThan(6_010);
  });
});

describe('text from elsewhere', () => {
  test('loses what no reader sees: control characters, colours, turns of direction', () => {
    const text = 'a\u0000\u001b[31mb\u001b[0m\u202ec\u2066\u009bd\u007f';
    expect(inline(text)).toBe('`abcd`');
    expect(block([text, '\tb\r'])).toBe('```text\nabcd\n\tb\n```');
    expect(plain(text)).toBe('abcd');
    expect(span('x'.repeat(299) + '🚀')).toBe(`\`${'x'.repeat(299)}…\``);
    expect(inline('a\ud800b')).toBe('`a\ufffdb`');
  });

  test('shows its bars in a paragraph as they are, and escaped in a cell', () => {
    expect(inline('a|b')).toBe('`a|b`');
    expect(span('a|b')).toBe('`a\\|b`');
    expect(inline('  ')).toBe('');
  });
});

test('what is folded has its blank lines, so that Markdown is read inside', () => {
  expect(folded('3 lines', 'x')).toBe('<details><summary>3 lines</summary>\n\nx\n\n</details>');
});

test.each([
  ['https://e.example/a|b'],
  [`https://e.example/${'a'.repeat(2_000)}`],
  ['https://e.example/\ud800'],
])('a link that could break its cell, or has no end, is its text alone', (url) => {
  expect(link('run', url)).toBe('run');
});
