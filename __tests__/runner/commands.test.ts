import { describe, expect, jest, test } from '@jest/globals';
import * as core from '@actions/core';
import fc from 'fast-check';
import { LineSplitter } from '../../local/runner/lines.ts';
import { reading } from './fixture-action.ts';

const token = '0b9d6b58-2f5c-4f6e-9a43-4d7c2f0f7a11';

describe('lines', () => {
  test('end with \\n, \\r\\n or a lone \\r, wherever the bytes are cut', () => {
    const bytes = Buffer.from('\ufeffone\ntwo\r\nthree\rfour\n\nfünf');
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const splitter = new LineSplitter();
      const parts = [bytes.subarray(0, cut), bytes.subarray(cut)];
      const lines = [...parts.flatMap((part) => splitter.push(part)), ...splitter.end()];
      expect(lines).toEqual(['one', 'two', 'three', 'four', '', 'fünf']);
    }
  });

  test('a command after a lone \\r is a command', () => {
    expect(reading('50 %\r::error::boo').annotations).toEqual([{ level: 'error', message: 'boo' }]);
  });
});

describe('the form of commands', () => {
  test.each([
    ['after white space, that of .NET included', '\t \u0085::error::x'],
    ['in any case', '::Error::x'],
    ['in brackets, anywhere in the line', 'text ##[error]x'],
    ['in brackets, in a line whose colons name nothing', '::nothing::##[error]x'],
  ])('%s', (_, line) => {
    expect(reading(line).annotations).toEqual([{ level: 'error', message: 'x' }]);
  });

  test.each([
    ['text before the colons', 'x ::error::y'],
    ['other characters in place of the colons', '--error::y'],
    ['a byte order mark before the colons', 'first\n\ufeff::error::y'],
    ['an unknown name', '::unknown::y'],
    ['a name that only the runner may use', '##[internal-set-repo-path repoFullName=a/b]y'],
    ['no end', '::error:y'],
    ['no closing bracket', '##[error y'],
  ])('%s is text, and is shown', (_, output) => {
    const read = reading(output);
    expect(read.annotations).toEqual([]);
    expect(read.lines).toEqual(output.split('\n'));
  });

  test('data and properties are decoded, each form by its own rules', () => {
    const colons = '::error file=/checkout/jobs/a.py,line=3,title=a%3Ab%2Cc%25::one%0Atwo%0D%25%3A';
    expect(reading(colons).annotations).toEqual([
      { level: 'error', file: 'jobs/a.py', line: 3, title: 'a:b,c%', message: 'one\ntwo\r%%3A' },
    ]);
    expect(reading('##[warning title=a%3Bb;file=x%5D.py]y%5D%2C').annotations).toEqual([
      { level: 'warning', title: 'a;b', file: 'x].py', message: 'y]%2C' },
    ]);
  });

  test('a property without a value does not exist, and leading equals signs are lost', () => {
    expect(reading('::notice title=,file==x.py::y').annotations).toEqual([
      { level: 'notice', file: 'x.py', message: 'y' },
    ]);
  });

  test('what the toolkit escapes comes back as it was', () => {
    let written = '';
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
    try {
      const message = fc.string({ unit: 'binary' }).filter((text) => text.trim() !== '');
      const title = fc
        .string({ unit: fc.constantFrom('a', ' ', '%', '0', 'A', ':', ',', '\r', '\n', '=', ';') })
        .filter((text) => text !== '' && !text.startsWith('='));
      fc.assert(
        fc.property(message, title, (text, head) => {
          written = '';
          core.error(text, { title: head, file: 'a.py' });
          expect(reading(written).annotations).toEqual([
            { level: 'error', message: text, title: head, file: 'a.py' },
          ]);
        }),
      );
    } finally {
      write.mockRestore();
    }
  });
});

describe('the fence', () => {
  const hostile = [
    '::error::x',
    '##[error]x',
    '::add-mask::x',
    '::set-output name=a::b',
    '::stop-commands::other-token',
    '::other-token::',
    '##[group]x',
    '50 %\r::warning::x',
    '::endgroup::',
    '::echo::on',
  ];

  test('no text inside is a command, and after the token commands count again', () => {
    const lines = fc.array(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary' })));
    fc.assert(
      fc.property(lines, (inside) => {
        const read = reading(
          [`::stop-commands::${token}`, ...inside, `::${token}::`, '::notice::after', ''].join(
            '\n',
          ),
        );
        expect(read.annotations).toEqual([{ level: 'notice', message: 'after' }]);
        expect(read.masks).toEqual([token]);
        expect(read.groups).toEqual([]);
        expect(read.outputs).toEqual({});
        expect(read.failed).toBe(false);
      }),
    );
  });

  test('its marks are printed, with the token masked; text inside is shown as it is', () => {
    const read = reading(`::stop-commands::${token}\n::error::x\n##[group]y\n::${token}::\n`);
    expect(read.lines).toEqual(['::stop-commands::***', '::error::x', '##[group]y', '::***::']);
  });

  test('a short token is not masked; the token ends the fence in any form and case', () => {
    const read = reading('::stop-commands::Abc\n::error::x\nend ##[aBC]\n::notice::after\n');
    expect(read.masks).toEqual([]);
    expect(read.lines[0]).toBe('::stop-commands::Abc');
    expect(read.annotations.map(({ message }) => message)).toEqual(['after']);
  });

  test('a line that is a command itself does not end it, whatever follows in the line', () => {
    const read = reading(`::stop-commands::${token}\n::error::##[${token}]\n::error::x\n`);
    expect(read.annotations).toEqual([]);
  });

  test.each(['', 'error', 'Pause-Logging'])('the token %j is refused, and nothing stops', (bad) => {
    const read = reading(`::stop-commands::${bad}\n::notice::after\n`);
    expect(read.failed).toBe(true);
    expect(read.annotations.map(({ level }) => level)).toEqual(['error', 'notice']);
  });
});

describe('masks', () => {
  test('hide a value and each of its lines from then on, touching ones as one', () => {
    const read = reading('alpha\n::add-mask::alpha%0A beta %0A\nalpha betaalpha beta gamma\n');
    expect(read.lines).toEqual(['alpha', '*** *** *** gamma']);
    expect(read.masks).toEqual(['alpha\n beta \n', 'alpha', 'beta']);
  });

  test('hide what overlaps as one', () => {
    expect(reading('::add-mask::abcd\n::add-mask::cdef\nxabcdefx\n').lines).toEqual(['x***x']);
    expect(reading('::add-mask::aba\nxababax\n').lines).toEqual(['x***x']);
  });

  test('hide in annotations, groups and outputs shown', () => {
    const read = reading('::add-mask::secret\n::error::a secret\n::group::secret\n');
    expect(read.annotations).toEqual([{ level: 'error', message: 'a ***' }]);
    expect(read.lines).toEqual(['##[error]a ***', '##[group]***']);
    expect(read.groups).toEqual([{ name: '***', lines: [] }]);
  });

  test('do not hide forms that are only derived, so that tests see them', () => {
    expect(reading('::add-mask::a/b c\na%2Fb%20c\n').lines).toEqual(['a%2Fb%20c']);
  });

  test('of nothing are a warning', () => {
    const read = reading('::add-mask:: \n');
    expect(read.masks).toEqual([]);
    expect(read.annotations[0]?.level).toBe('warning');
  });
});

describe('annotations', () => {
  test('ten of each level are kept, all are in the log', () => {
    const read = reading('::error::e\n::warning::w\n::notice::n\n'.repeat(12));
    for (const level of ['error', 'warning', 'notice']) {
      expect(read.annotations.filter((each) => each.level === level)).toHaveLength(10);
      expect(read.lines.filter((line) => line.startsWith(`##[${level}]`))).toHaveLength(12);
    }
  });

  test('a message is cut at 4096 characters, its log line is not', () => {
    const read = reading(`::error::${'x'.repeat(5000)}\n`);
    expect(read.annotations[0]?.message).toHaveLength(4096);
    expect(read.lines[0]).toHaveLength('##[error]'.length + 5000);
  });

  test('a message of several lines is several lines of the log', () => {
    expect(reading('::error::one%0Atwo\n').lines).toEqual(['##[error]one', 'two']);
  });

  test.each([
    ['endLine=4,col=2', { line: 4, endLine: 4, column: 2 }],
    ['line=3,endLine=4,col=2', { line: 3, endLine: 4 }],
    ['line=3,endLine=2', {}],
    ['line=3,col=5,endColumn=4', { line: 3 }],
    ['col=2', {}],
    ['line=x', {}],
  ])('places that make no sense are dropped: %s', (properties, place) => {
    const [annotation] = reading(`::error ${properties}::x\n`).annotations;
    expect(annotation).toEqual({ level: 'error', message: 'x', ...place });
  });
});

describe('groups and debug', () => {
  test('groups are shown in their stored form and do not nest', () => {
    const read = reading('::group::one\na\n::group::two\nb\n::endgroup::\nc\n');
    expect(read.lines).toEqual(['##[group]one', 'a', '##[group]two', 'b', '##[endgroup]', 'c']);
    expect(read.groups).toEqual([
      { name: 'one', lines: ['a'] },
      { name: 'two', lines: ['b'] },
    ]);
  });

  test('debug lines and echoed commands show only with debug logging', () => {
    const output = '::debug::one%0Atwo\n::group::g\n';
    expect(reading(output).lines).toEqual(['##[group]g']);
    expect(reading(output, { debug: true }).lines).toEqual([
      '##[debug]one',
      '##[debug]two',
      '::group::g',
      '##[group]g',
    ]);
  });

  test('echo shows commands but never what is masked', () => {
    const read = reading('::echo::ON\n::add-mask::secret\n::endgroup::\n::echo::off\n');
    expect(read.lines).toEqual(['::add-mask::***', '::endgroup::', '##[endgroup]', '::echo::off']);
    expect(reading('::echo::maybe\n').failed).toBe(true);
  });
});

describe('commands of the past', () => {
  test('set-output and save-state work with a warning', () => {
    const read = reading('::set-output name=a::b%0Ac\n::save-state name=d::e\n');
    expect(read).toMatchObject({ outputs: { a: 'b\nc' }, state: { d: 'e' }, failed: false });
    expect(read.annotations.map(({ level }) => level)).toEqual(['warning', 'warning']);
    expect(reading('::set-output::b\n')).toMatchObject({ outputs: {}, failed: true });
  });

  test.each(['::set-env name=A::b', '::add-path::/bin'])('%s is refused, the step red', (line) => {
    const read = reading(line);
    expect(read.failed).toBe(true);
    expect(read.lines[0]).toBe(`##[error]Unable to process command '${line}' successfully.`);
    expect(read.lines[1]).toContain('command is disabled');
  });
});
