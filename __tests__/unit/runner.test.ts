import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linesOf } from '../../src/log/shown-lines.ts';
import { actionsRunner, fenced, needsFence, plainLine, writerOf } from '../../src/runner.ts';
import { executed } from './runner-rules.ts';

const token = '6d1f3a52-9c1b-4a52-8f5e-2f6d3c9b7a10';

/** Text that tries to be a command. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '::',
        '::error::',
        '::stop-commands::',
        '##[',
        '##[error]',
        ']',
        ':',
        '#',
        '[',
      ),
      fc.constantFrom('\n', '\r', '\r\n', '\t', ' ', '\u00a0', '\u0085', '\u2028', '\ufeff', '%0A'),
      fc.constantFrom('add-mask', 'set-output name=a', 'x', 'error', '::::', 'endgroup'),
      fc.constantFrom('::add-mask::a', '##[add-mask]b', '##[group]', '::group::'),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const remote = fc.array(hostile, { maxLength: 8 });

describe('the rules of the runner, as this test has them', () => {
  test.each([
    ['::error::x', true],
    ['  ::error file=a::x', true],
    ['\t::ADD-MASK::x', true],
    ['text ##[error]x', true],
    ['text ::error::x', false],
    ['::unheard-of::x', false],
    ['::error', false],
    ['a\r::error::x', true],
  ])('%j', (line, isCommand) => {
    expect(executed(line).commands.length > 0).toBe(isCommand);
  });

  test('a fence holds until its own token', () => {
    expect(executed('::stop-commands::t\n::error::x\n::other::\n::t::\n::error::y')).toMatchObject({
      commands: [{ name: 'stop-commands' }, { line: '::error::y' }],
      listening: true,
    });
  });
});

describe('the fence', () => {
  test('nothing that needs one is without', () => {
    fc.assert(
      fc.property(remote, (lines) => {
        if (needsFence(linesOf(lines).bytes)) return;
        expect(executed(`${lines.join('\n')}\n`).commands).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  test('plain lines need none', () => {
    expect(needsFence(linesOf(['a', 'b: c', 'http://x', '# title', '']).bytes)).toBe(false);
    expect(needsFence(Buffer.alloc(0))).toBe(false);
  });

  test('no line of remote text inside is read as a command, and the runner listens again after it', () => {
    fc.assert(
      fc.property(remote, (lines) => {
        const output = fenced(linesOf(lines), token).toString();
        const { commands, listening } = executed(output);
        expect(commands.filter(({ name }) => name !== 'stop-commands')).toEqual([]);
        expect(commands.length).toBeLessThanOrEqual(1);
        for (const { line } of commands) expect(line).toBe(`::stop-commands::${token}`);
        expect(listening).toBe(true);
        expect(output === '' || output.endsWith('\n')).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test('lines are shown as they are, in their order', () => {
    const lines = ['::error::one', '  two', '', '##[group]three'];
    const shown = fenced(linesOf(lines), token).toString().split('\n');
    expect(shown.slice(0, -1)).toEqual([`::stop-commands::${token}`, ...lines, `::${token}::`]);
  });
});

describe('our own lines with names from elsewhere', () => {
  test('are one line, and no command in either form', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = plainLine(text.replaceAll('\u0085', ''));
        expect(line).not.toMatch(/[\r\n]/);
        expect(executed(line).commands).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each(['\t', '\u00a0', '\u0085', '\u2028', '\u3000'])(
    'are no command after the white space %j, which .NET trims',
    (space) => {
      expect(executed(plainLine(`${space}::add-mask::a`)).commands).toEqual([]);
    },
  );

  test('plain text stays as it is', () => {
    expect(plainLine('Workspace "Data: tests" (1234), 10 %')).toBe(
      'Workspace "Data: tests" (1234), 10 %',
    );
  });
});

/** The runner over a stream that is kept; what the toolkit writes itself goes elsewhere. */
function kept(): { runner: ReturnType<typeof actionsRunner>; output: () => string } {
  let output = '';
  const runner = actionsRunner({
    env: { INPUT_FILE: 'x.py', 'INPUT_RUN-KEY': 'key', OTHER: 'y' },
    write: (text) => {
      output += text.toString();
      return Promise.resolve();
    },
  });
  return { runner, output: () => output };
}

describe('the runner of GitHub Actions', () => {
  test('shows remote text in any order of calls without running any of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(remote, fc.constantFrom(undefined, 'Spark log, 3 lines')), {
          maxLength: 4,
        }),
        async (calls) => {
          const { runner, output } = kept();
          for (const [lines, group] of calls) await runner.remote(lines, group);
          const { commands, listening } = executed(output());
          expect(listening).toBe(true);
          expect(
            commands
              .map(({ name }) => name)
              .filter((name) => !['stop-commands', 'group', 'endgroup'].includes(name)),
          ).toEqual([]);
          const count = (name: string): number =>
            commands.filter((command) => command.name === name).length;
          expect(count('group')).toBe(count('endgroup'));
          expect(count('group')).toBeLessThanOrEqual(calls.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a fence has a new token each time', async () => {
    const { runner, output } = kept();
    await runner.remote(['::error::a']);
    await runner.remote(['::error::b']);
    const tokens = [...output().matchAll(/^::stop-commands::(.+)$/gm)].map((match) => match[1]);
    expect(tokens).toHaveLength(2);
    expect(new Set(tokens).size).toBe(2);
    for (const used of tokens) expect(used?.length ?? 0).toBeGreaterThanOrEqual(20);
  });

  test('reads inputs and environment; what is not given is empty', () => {
    const { runner } = kept();
    expect(runner.input('file')).toBe('x.py');
    expect(runner.input('run-key')).toBe('key');
    expect(runner.input('args')).toBe('');
    expect(runner.env('OTHER')).toBe('y');
    expect(runner.env('NOT_SET')).toBeUndefined();
  });
});

describe('writing', () => {
  test('waits for a slow reader, and gives all of it in order', async () => {
    const stream = new PassThrough({ highWaterMark: 10 });
    const write = writerOf(stream);
    let done = false;
    const writing = write(Buffer.from('0123456789abcdef')).then(() => (done = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    const read: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => read.push(chunk));
    await writing;
    await write(Buffer.from('next'));
    stream.end();
    await new Promise((resolve) => stream.once('end', resolve));
    expect(Buffer.concat(read).toString()).toBe('0123456789abcdefnext');
  });

  test('does not wait for a reader that is gone', async () => {
    const stream = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => done(new Error('write EPIPE')),
    });
    stream.on('error', () => undefined);
    const write = writerOf(stream);
    await write(Buffer.from('one'));
    await write(Buffer.from('two'));
    expect(stream.destroyed).toBe(true);
  });
});
