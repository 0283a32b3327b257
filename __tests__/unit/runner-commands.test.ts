import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as core from '@actions/core';
import fc from 'fast-check';
import { keyValuePairs } from '../../local/runner/file-commands.ts';
import { actionsRunner, type Runner } from '../../src/runner.ts';
import { command } from '../../src/runner/commands.ts';

let folder: string;
let printed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-commands-'));
  printed = '';
});
afterEach(() => rmSync(folder, { recursive: true }));

function runner(env: Readonly<Record<string, string>> = {}): Runner {
  return actionsRunner({
    env,
    write: (text) => {
      printed += text.toString('utf8');
      return Promise.resolve();
    },
  });
}

/** An empty file, as the runner makes it before the step. */
function file(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  return path;
}

/** What GitHub's toolkit prints. */
function toolkit(run: () => void): string {
  let text = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  run();
  write.mockRestore();
  return text;
}

const any = fc
  .array(fc.oneof(fc.constantFrom('%', '\r', '\n', ':', ',', '::', '=', '%0A'), fc.string()))
  .map((parts) => parts.join(''));

describe('a command is what the toolkit of GitHub prints', () => {
  test('of any message, with any title and place', () => {
    fc.assert(
      fc.property(any, any, fc.option(any), fc.nat(), (message, name, path, before) => {
        // The toolkit leaves out a line 0, and a blank where a command has no property at all.
        const [title, line] = [`T${name}`, before + 1];
        const place = path === null ? undefined : { file: path, line };
        printed = '';
        runner().error(message, title, place);
        const properties = place ? { file: place.file, startLine: place.line } : {};
        expect(printed).toBe(toolkit(() => core.error(message, { title, ...properties })));
      }),
    );
  });

  test('of a warning, a notice, a mask and a line', () => {
    fc.assert(
      fc.property(any, (text) => {
        printed = '';
        const ours = runner();
        ours.warning(text);
        ours.notice(text);
        ours.mask(text);
        const theirs = toolkit(() => {
          core.warning(text);
          core.notice(text);
          core.setSecret(text);
        });
        expect(printed).toBe(theirs);
      }),
    );
  });
});

describe('outputs and states', () => {
  test.each([
    ['GITHUB_OUTPUT', (to: Runner, value: string) => to.output('batch-id', value)],
    ['GITHUB_STATE', (to: Runner, value: string) => to.saveState('batch-id', value)],
  ] as const)('in %s are read back as they were, the last one last', (variable, set) => {
    const path = file(variable);
    const values: string[] = [];
    fc.assert(
      fc.property(any, (value) => {
        set(runner({ [variable]: path }), value);
        values.push(value);
      }),
    );
    const read = [...keyValuePairs(readFileSync(path, 'utf8'))];
    expect(read).toEqual(values.map((value) => ['batch-id', value]));
    expect(printed).toBe('');
  });

  test('have a new delimiter each time', () => {
    const path = file('output');
    const ours = runner({ GITHUB_OUTPUT: path });
    ours.output('a', 1);
    ours.output('b', 2);
    const used = [...readFileSync(path, 'utf8').matchAll(/<<(.+)$/gm)].map((match) => match[1]);
    expect(new Set(used).size).toBe(2);
  });

  test('are commands where the runner has no files', () => {
    runner().output('a', 'b\nc');
    runner().saveState('d', 'e');
    expect(printed).toBe(
      `\n${command('set-output', { name: 'a' }, 'b\nc')}\n${command('save-state', { name: 'd' }, 'e')}`,
    );
  });

  test('are refused where a file is gone', () => {
    const env = { GITHUB_OUTPUT: join(folder, 'gone') };
    expect(() => runner(env).output('a', 'b')).toThrow('Missing file');
  });

  test('of main are read by post', () => {
    expect(runner({ STATE_batchId: 'x' }).state('batchId')).toBe('x');
    expect(runner().state('batchId')).toBe('');
  });
});

describe('the summary', () => {
  test('is added to what stands there', async () => {
    const path = file('summary');
    const ours = runner({ GITHUB_STEP_SUMMARY: path });
    await ours.summary('one');
    await ours.summary('two');
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  test('says why there is none', async () => {
    await expect(runner().summary('one')).rejects.toThrow('GITHUB_STEP_SUMMARY');
    const gone = runner({ GITHUB_STEP_SUMMARY: join(folder, 'gone') });
    await expect(gone.summary('one')).rejects.toThrow('Missing file');
  });
});
