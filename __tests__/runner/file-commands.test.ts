import { afterAll, describe, expect, test } from '@jest/globals';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { FileCommands, keyValuePairs } from '../../local/runner/file-commands.ts';
import { Masks } from '../../local/runner/masks.ts';
import { StepLog } from '../../local/runner/step-log.ts';
import { Folders } from './fixture-action.ts';

const folders = new Folders();
afterAll(() => folders.remove());

function files(secrets: string[] = []) {
  const temp = folders.make();
  const masks = new Masks(secrets);
  const log = new StepLog({ masks, debug: false, now: () => 0, onLine: () => undefined });
  return { temp, log, commands: new FileCommands(temp) };
}

describe('key-value pairs', () => {
  test.each([
    ['a=b\n\nc=d=e', { a: 'b', c: 'd=e' }],
    ['a<<EOF\none\ntwo\r\nEOF\nb=c\n', { a: 'one\ntwo\r', b: 'c' }],
    ['a<<EOF\nEOF', { a: '' }],
    ['a<<E=F\nx\nE=F\n', { a: 'x' }],
    ['a=<<EOF\n', { a: '<<EOF' }],
    ['a<<EOF\n\n\nEOF\n', { a: '\n' }],
  ])('%j', (text, expected) => {
    expect(Object.fromEntries(keyValuePairs(text))).toEqual(expected);
  });

  test.each([
    ['plain text\n', "Invalid format 'plain text'"],
    ['<<EOF\nx\nEOF\n', 'Name must not be empty and delimiter must not be empty'],
    ['a<<\nx\n', 'Name must not be empty and delimiter must not be empty'],
    ['a<<EOF\nx\n', "Matching delimiter not found 'EOF'"],
    ['a<<EOF\nx\nEOF2', 'EOF marker missing new line'],
    ['a<<EOF', "Matching delimiter not found 'EOF'"],
  ])('%j is broken', (text, message) => {
    expect(() => [...keyValuePairs(text)]).toThrow(message);
  });

  test('a heredoc as the toolkit writes it gives back any value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect([...keyValuePairs(`key<<ghadelimiter_1\n${value}\nghadelimiter_1\n`)]).toEqual([
          ['key', value],
        ]);
      }),
    );
  });
});

describe('the files of a step', () => {
  test('are fresh, read once and deleted', () => {
    const { temp, log, commands } = files();
    expect(new Set(Object.values(commands.files)).size).toBe(5);
    writeFileSync(commands.files.path, '/one\n/two\n\n/one\n');
    writeFileSync(commands.files.env, 'A=b\nnode_options=--inspect\n');
    writeFileSync(commands.files.state, '\ufeffs=t\n');
    const read = commands.read(log);
    expect(read.path).toEqual(['/one', '/two']);
    expect(Object.fromEntries(read.env)).toEqual({ A: 'b' });
    expect(Object.fromEntries(read.state)).toEqual({ s: 't' });
    expect(log.lines.map(({ text }) => text)).toEqual([
      "##[error]Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.",
    ]);
    expect(readdirSync(join(temp, '_runner_file_commands'))).toEqual([]);
  });

  test('one that is broken is an error; pairs before the break and other files count', () => {
    const { log, commands } = files();
    writeFileSync(commands.files.output, 'a=b\nbroken\nc=d\n');
    writeFileSync(commands.files.state, 's=t\n');
    const read = commands.read(log);
    expect(Object.fromEntries(read.outputs)).toEqual({ a: 'b' });
    expect(Object.fromEntries(read.state)).toEqual({ s: 't' });
    expect(log.failed).toBe(true);
    expect(log.annotations.map(({ message }) => message)).toEqual([
      "Unable to process file command 'output' successfully.",
      "Invalid format 'broken'",
    ]);
  });

  test('one that the step deleted is nothing', () => {
    const { log, commands } = files();
    for (const file of Object.values(commands.files)) rmSync(file);
    expect(commands.read(log)).toMatchObject({ path: [], summary: undefined });
    expect(log.failed).toBe(false);
  });

  test('an output needs a name', () => {
    const { log, commands } = files();
    writeFileSync(commands.files.output, '=b\n');
    commands.read(log);
    expect(log.failed).toBe(true);
  });
});

describe('the summary', () => {
  test('is masked', () => {
    const { log, commands } = files(['secret']);
    writeFileSync(commands.files.step_summary, '# a secret\r\nend');
    expect(commands.read(log).summary).toBe('# a ***\nend\n');
  });

  test('of 1 MiB is kept, one byte more drops it whole, with an error that is not red', () => {
    const full = files();
    writeFileSync(full.commands.files.step_summary, 'x'.repeat(1024 * 1024));
    expect(full.commands.read(full.log).summary).toHaveLength(1024 * 1024 + 1);
    const over = files();
    writeFileSync(over.commands.files.step_summary, 'x'.repeat(1024 * 1024 + 1));
    expect(over.commands.read(over.log).summary).toBeUndefined();
    expect(over.log.annotations[0]?.message).toMatch(/upload aborted.*1024k, got 1024k/);
    expect(over.log.failed).toBe(false);
  });
});
