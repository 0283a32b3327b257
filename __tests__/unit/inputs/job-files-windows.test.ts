import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, win32 } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseListedFiles, type ListInput } from '../../../src/inputs/job-files.ts';
import { type Disk } from '../../../src/inputs/checkout.ts';
import { parseMainFile } from '../../../src/inputs/main-file.ts';

let drive = '';

/** A drive `C:` that lies in a folder of this machine; the cases of `.GIT` are told apart here. */
const disk: Disk = {
  path: win32,
  realpath: (path) => onDrive(realpathSync(here(path))),
  stat: (path) => statSync(here(path)),
  names: (folder) => readdirSync(here(folder)),
  glob: (pattern, folder) =>
    globSync(pattern.replaceAll('\\', '/'), { cwd: here(folder) }).map((path) =>
      path.replaceAll('/', '\\'),
    ),
};

function here(path: string): string {
  const rest = /^[Cc]:\\(.*)$/s.exec(path)?.[1];
  if (rest === undefined) throw new Error(`Not on the drive: ${path}`);
  return join(drive, rest.replaceAll('\\', '/'));
}

function onDrive(path: string): string {
  if (!`${path}/`.startsWith(`${drive}/`)) return `D:${path.replaceAll('/', '\\')}`;
  return `C:\\${path.slice(drive.length + 1).replaceAll('/', '\\')}`;
}

const checkout = 'C:\\work\\repo';

beforeAll(() => {
  drive = realpathSync(mkdtempSync(join(tmpdir(), 'drive-')));
  for (const path of [
    'work/repo/job.py',
    'work/repo/lib/one.py',
    'work/repo/lib/two.py',
    'work/repo/pkg/__init__.py',
    'work/repo/pkg/deep/x.py',
    'work/repo/pkg/.GIT/x.py',
    'work/repo/.GIT/config.py',
    'work/repo/Files/local.csv',
    'work/repo-evil/evil.py',
    'work/secret.py',
  ]) {
    mkdirSync(dirname(join(drive, path)), { recursive: true });
    writeFileSync(join(drive, path), 'x');
  }
  symlinkSync(join(drive, 'work'), join(drive, 'work/repo/up'));
  symlinkSync('/usr', join(drive, 'work/repo/elsewhere'));
});

afterAll(() => rmSync(drive, { recursive: true }));

test('either slash is one, and names in the zip have /', () => {
  const parsed = parseListedFiles(
    'py-files',
    'lib\\*.py\r\n.\\job.py\r\npkg\\\r\nC:\\work\\repo\\lib/one.py',
    checkout,
    disk,
  );
  expect(parsed).toMatchObject({
    value: {
      files: [
        { realPath: 'C:\\work\\repo\\lib\\one.py', baseName: 'one.py' },
        { realPath: 'C:\\work\\repo\\lib\\two.py', baseName: 'two.py' },
        { realPath: 'C:\\work\\repo\\job.py', baseName: 'job.py', shown: '.\\job.py' },
        {
          kind: 'directory',
          baseName: 'pkg.zip',
          entries: [{ name: 'pkg/__init__.py' }, { name: 'pkg/deep/x.py' }],
        },
      ],
    },
  });
});

test('the lakehouse is Files/ with a slash; Files\\ is the checkout', () => {
  const files = parseListedFiles('files', 'Files/a.csv\nFiles\\local.csv', checkout, disk);
  expect(files).toMatchObject({ value: { files: [{ kind: 'lakehouse' }, { kind: 'local' }] } });
});

test.each<[ListInput, string, RegExp]>([
  ['py-files', '..\\secret.py', /leads out/],
  ['py-files', 'lib\\..\\..\\secret.py', /leads out/],
  ['py-files', '..\\repo-evil\\evil.py', /leads out/],
  ['py-files', 'up\\secret.py', /leads out/],
  ['py-files', 'C:\\work\\secret.py', /leads out/],
  ['py-files', 'C:..\\secret.py', /leads out|names no file/],
  ['py-files', '\\work\\secret.py', /leads out/],
  ['py-files', 'D:\\secret.py', /names no file/],
  ['py-files', '\\\\host\\share\\x.py', /names no file/],
  ['py-files', 'elsewhere', /leads out/],
  ['py-files', '.GIT\\config.py', /must not lie in \.git/],
  ['py-files', 'lib\\..\\.GIT\\config.py', /must not lie in \.git/],
  ['py-files', '*\\config.py', /matches no file/],
  ['py-files', '.G?T\\*.py', /matches no file/],
  ['py-files', '..\\*.py', /within the checkout/],
  ['py-files', 'C:\\work\\*.py', /within the checkout/],
  ['py-files', '\\work\\*.py', /within the checkout/],
  ['files', 'D:x.csv', /names no file/],
])('%s: %j is refused', (input, text, words) => {
  const parsed = parseListedFiles(input, text, checkout, disk);
  expect(parsed).toMatchObject({ problem: expect.stringMatching(words) });
});

test('the main file is held to the same', () => {
  expect(parseMainFile('.\\job.py', checkout, disk)).toMatchObject({
    value: { kind: 'local', baseName: 'job.py', realPath: 'C:\\work\\repo\\job.py' },
  });
  for (const text of ['..\\secret.py', '.GIT\\config.py', 'up\\secret.py', 'D:\\job.py'])
    expect(parseMainFile(text, checkout, disk)).toHaveProperty('problem');
});
