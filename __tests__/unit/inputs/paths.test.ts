import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Parsed } from '../../../src/inputs/forms.ts';
import { parseAbfssUri, parseLakehousePath } from '../../../src/inputs/lakehouse-path.ts';
import { parseMainFile, type MainFile } from '../../../src/inputs/main-file.ts';
import { reading, refusalOf } from './source.ts';

const isProblem = (parsed: Parsed<unknown>): boolean => 'problem' in parsed;

/** Pieces of which ways upwards are made, plain, encoded once or twice, in either case. */
const pathText = fc
  .array(
    fc.oneof(
      fc.constantFrom('/', '\\', '.', '..', '%2e', '%2E', '%2f', '%5c', '%252e', '%25', '%00', ' '),
      fc.constantFrom('a', 'Files', 'x.py', '...', '%c0%ae', '%', '\t', '?', '#'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** A path as a server may come to read it: decoded again and again, with either slash. */
function goesUp(path: string): boolean {
  let text = path;
  for (let round = 0; round < 5; round++) {
    if (text.split(/[/\\]/).some((segment) => segment === '..')) return true;
    try {
      const next = decodeURIComponent(text);
      if (next === text) return false;
      text = next;
    } catch {
      const next = text.replace(/%(?:2e|2f|5c|25)/gi, (code) => decodeURIComponent(code));
      if (next === text) return false;
      text = next;
    }
  }
  return false;
}

describe('a path of the lakehouse', () => {
  test('is under Files/', () => {
    expect(parseLakehousePath('Files/a/b c.py')).toEqual({ value: 'Files/a/b c.py' });
    for (const path of ['/Files/a', 'Files/a/']) {
      const parsed = parseLakehousePath(path);
      if ('value' in parsed) expect(parsed.value).toBe('Files/a');
    }
    expect(parseLakehousePath('Files/.github')).toEqual({ value: 'Files/.github' });
    expect(parseLakehousePath('Files/a..b/..c/d..')).toEqual({ value: 'Files/a..b/..c/d..' });
  });

  test.each([
    '',
    'Files',
    'Files/',
    'Tables/x',
    'files/x',
    'x',
    '/',
    'Files/../Tables/x',
    'Files/..',
    '../Files/x',
    'Files/a/../b',
    'Files/%2e%2e/x',
    'Files/%2E./x',
    'Files/.%2e/x',
    'Files/%252e%252e/x',
    'Files/a%2f..%2f..%2fx',
    'Files/a%2F%2E%2E/x',
    'Files\\..\\x',
    'Files/..\\x',
    'Files/..%5cx',
    'Files/%ff%2f..%2fx',
    'Files/%c0%ae%5c..',
    'Files//x',
    'Files/./x',
    'Files/.. /x',
    'Files/%20../x',
    'Files/a\nb',
    'Files/a\u0000b',
  ])('%j is refused', (path) => {
    expect(isProblem(parseLakehousePath(path))).toBe(true);
  });

  test('never holds a way upwards', () => {
    fc.assert(
      fc.property(pathText, (end) => {
        const parsed = parseLakehousePath(`Files/${end}`);
        if (!('value' in parsed)) return;
        expect(goesUp(parsed.value)).toBe(false);
        expect(parsed.value.startsWith('Files/')).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test('is what upload-path takes', () => {
    expect(reading({ 'upload-path': 'Files/ci' }).uploadPath).toBe('Files/ci');
    for (const path of ['Files/../x', 'Tables/x', 'Files/%2e%2e', 'ci'])
      expect(refusalOf({ 'upload-path': path }).code).toBe('INPUT_INVALID');
  });
});

describe('an abfss URI', () => {
  test('is passed on as it is', () => {
    for (const uri of [
      'abfss://w@onelake.dfs.fabric.microsoft.com/l.Lakehouse/Files/x.py',
      'abfss://11111111-2222-3333-4444-555555555555@onelake.dfs.fabric.microsoft.com/l/Files/a%20b.py',
    ])
      expect(parseAbfssUri(uri)).toEqual({ value: uri });
  });

  test.each([
    'abfss://',
    'abfss://x',
    'abfss://host/path',
    'abfss://w@h',
    'abfss://w@h/',
    'abfss://w@h/../l/Files/x.py',
    'abfss://w@h/l/../x',
    'abfss://w@h/l/%2e%2e/x',
    'abfss://w@h/l/%252e%252e/x',
    'abfss://w@h/l/a b\nc',
    'abfss://w@h/l/Files/..%2f%',
    'abfss://w@h/l/Files/..#x',
    'abfss://w@h/l/Files/..?x',
  ])('%j is refused', (uri) => {
    expect(isProblem(parseAbfssUri(uri))).toBe(true);
  });

  test('never holds a way upwards', () => {
    fc.assert(
      fc.property(pathText, (end) => {
        const parsed = parseAbfssUri(`abfss://w@h.example/l/Files/${end}`);
        if (!('value' in parsed)) return;
        const path = parsed.value.slice('abfss://'.length);
        expect(goesUp(path)).toBe(false);
        // Passed on as a URI: a query or a fragment ends its path.
        expect(goesUp(path.replace(/[?#].*$/s, ''))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the main file', () => {
  let root = '';
  let checkout = '';
  const file = (text: string): Parsed<MainFile> => parseMainFile(text, checkout);

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'main-file-'));
    checkout = join(root, 'checkout');
    for (const folder of ['jobs', 'Files', '.git/hooks', 'jobs/.git', 'folder.py'])
      mkdirSync(join(checkout, folder), { recursive: true });
    mkdirSync(join(root, 'checkout-evil'));
    for (const name of [
      'checkout/job.py',
      'checkout/jobs/job.py',
      'checkout/jobs/app.jar',
      'checkout/jobs/a b ü.py',
      'checkout/jobs/job.R',
      'checkout/Files/x.py',
      'checkout/.git/config.py',
      'checkout/.git/hooks/hook.py',
      'checkout/jobs/.git/inner.py',
      'checkout/..dots.py',
      'outside.py',
      'checkout-evil/job.py',
    ])
      writeFileSync(join(root, name), 'print(1)\n');
    symlinkSync(join(root, 'outside.py'), join(checkout, 'escape.py'));
    symlinkSync(root, join(checkout, 'up'));
    symlinkSync(join(checkout, '.git'), join(checkout, 'gitlink'));
    symlinkSync(join(checkout, 'jobs/job.py'), join(checkout, 'inside.py'));
    symlinkSync(join(checkout, 'nowhere.py'), join(checkout, 'dangling.py'));
    symlinkSync(join(checkout, 'loop.py'), join(checkout, 'loop.py'));
    execFileSync('mkfifo', [join(checkout, 'pipe.py')]);
  });

  afterAll(() => rmSync(root, { recursive: true }));

  test('in the checkout is a regular file, with its size', () => {
    expect(file('jobs/job.py')).toMatchObject({
      value: { kind: 'local', shown: 'jobs/job.py', baseName: 'job.py', size: 9 },
    });
    for (const path of [
      './jobs/job.py',
      'jobs/../job.py',
      'jobs/a b ü.py',
      'inside.py',
      '..dots.py',
      'jobs/app.jar',
    ])
      expect(file(path)).toMatchObject({ value: { kind: 'local' } });
  });

  test('is a path of the lakehouse from Files/ on, and ./Files/ is the checkout', () => {
    expect(file('Files/x.py')).toEqual({ value: { kind: 'lakehouse', path: 'Files/x.py' } });
    expect(file('./Files/x.py')).toMatchObject({ value: { kind: 'local', baseName: 'x.py' } });
  });

  test('may be an absolute path, if it lies in the checkout', () => {
    expect(file(join(checkout, 'job.py'))).toMatchObject({ value: { kind: 'local' } });
    expect(isProblem(file(join(root, 'outside.py')))).toBe(true);
  });

  test.each([
    '../outside.py',
    'jobs/../../outside.py',
    '../checkout-evil/job.py',
    'escape.py',
    'up/outside.py',
    'up/checkout-evil/job.py',
    'dangling.py',
    'loop.py',
    'jobs',
    'folder.py',
    'pipe.py',
    '.',
    './',
    '..',
    '.git/config.py',
    './.git/hooks/hook.py',
    'jobs/../.git/config.py',
    'jobs/.git/inner.py',
    'gitlink/config.py',
    'up/checkout/.git/config.py',
    'not-there.py',
    'job.py/x',
    'jobs/job.R',
    'Files/../job.py',
    'Files/%2e%2e/x.py',
    '/etc/passwd',
    '/dev/null',
    'job.py\u0000',
  ])('%j is refused', (path) => {
    expect(isProblem(file(path))).toBe(true);
  });

  test('a text that is no path never throws, and never leads out', () => {
    fc.assert(
      fc.property(fc.oneof(pathText, fc.string()), (text) => {
        const parsed = file(text);
        if (!('value' in parsed) || parsed.value.kind !== 'local') return;
        expect(parsed.value.realPath.startsWith(`${checkout}/`)).toBe(true);
        expect(parsed.value.realPath).not.toContain('/.git/');
      }),
    );
  });
});
