import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { parseListedFiles, type LocalDirectory } from '../../../src/inputs/job-files.ts';
import { zipDirectory } from '../../../src/job/python-zip.ts';

let folder = '';
let zips = 0;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'python-zip-')));
});

afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** The directory as the input py-files gives it. */
function directoryOf(path: string): LocalDirectory {
  const parsed = parseListedFiles('py-files', path, folder);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const [first] = parsed.value.files;
  if (first?.kind !== 'directory') throw new Error(`No directory: ${path}`);
  return first;
}

async function zipped(path: string): Promise<{ file: string; bytes: Buffer }> {
  const file = join(folder, `${(zips += 1)}.zip`);
  await zipDirectory(directoryOf(path), file);
  return { file, bytes: readFileSync(file) };
}

function python(code: string, ...args: string[]): string {
  return execFileSync('python3', ['-c', code, ...args], { encoding: 'utf8' }).trim();
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('equal content gives equal bytes, whatever the times, rights and order of making', async () => {
  const make = (root: string, names: readonly string[]): void => {
    for (const name of names) put(`${root}/orders/${name}`, `# ${name}\n`.repeat(900));
  };
  const names = ['__init__.py', 'a.py', 'deep/b.py', 'zß.txt'];
  make('one', names);
  const first = await zipped('one/orders');
  expect((await zipped('one/orders')).bytes.equals(first.bytes)).toBe(true);
  for (const [index, name] of names.entries()) {
    utimesSync(join(folder, 'one/orders', name), index * 1e8, index * 2e8);
    chmodSync(join(folder, 'one/orders', name), 0o600 + index);
  }
  expect((await zipped('one/orders')).bytes.equals(first.bytes)).toBe(true);
  make('two', names.toReversed());
  put('two/orders/__pycache__/a.pyc', 'x');
  expect((await zipped('two/orders')).bytes.equals(first.bytes)).toBe(true);
  put('two/orders/a.py', 'other');
  expect((await zipped('two/orders')).bytes.equals(first.bytes)).toBe(false);
});

test('what stands in it of times and rights is always the same', async () => {
  put('lib/x.py', 'x');
  const { file } = await zipped('lib');
  const code =
    'import sys, zipfile; print([(i.filename, i.date_time, i.external_attr, i.create_system, i.extra) for i in zipfile.ZipFile(sys.argv[1]).infolist()])';
  expect(python(code, file)).toBe("[('x.py', (1980, 1, 1, 0, 0, 0), 0, 0, b'')]");
});

test('Python imports a package from it', async () => {
  put('src/orders/__init__.py', 'from .totals import total\n');
  put('src/orders/totals.py', 'def total(values):\n    return sum(values)\n');
  put('src/orders/größe/__init__.py', 'unit = "m"\n');
  const code =
    'import sys, zipimport; sys.path.insert(0, sys.argv[1]); import orders; from orders.größe import unit; assert isinstance(orders.__loader__, zipimport.zipimporter); print(orders.total([1, 2, 3]), unit)';
  expect(python(code, (await zipped('src/orders')).file)).toBe('6 m');
  put('plain/tool.py', 'answer = 42\n');
  const plain = 'import sys; sys.path.insert(0, sys.argv[1]); import tool; print(tool.answer)';
  expect(python(plain, (await zipped('plain')).file)).toBe('42');
});

test('files of many chunks are whole for a reader that we did not write', async () => {
  const noise = Buffer.alloc(1_500_000);
  for (let at = 0; at < noise.length; at += 1)
    noise[at] = at < 700_000 ? (at * 2_654_435_761) >>> 13 : 7;
  put('data/mixed.bin', noise);
  put('data/edge.bin', noise.subarray(0, 64 * 1024));
  put('data/two.bin', noise.subarray(0, 128 * 1024));
  put('data/empty.py', '');
  const code =
    'import sys, zipfile, hashlib; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(" ".join(hashlib.sha256(z.read(n)).hexdigest() for n in z.namelist()))';
  expect(python(code, (await zipped('data')).file).split(' ')).toEqual([
    hash(noise.subarray(0, 64 * 1024)),
    hash(new Uint8Array()),
    hash(noise),
    hash(noise.subarray(0, 128 * 1024)),
  ]);
});

test('names and contents come back', async () => {
  const name = fc
    .array(
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
        .filter((text) => /^[\p{L}\p{N} ._-]+$/u.test(text) && !/^\.|pyc|pycache/.test(text)),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => parts.map((part, level) => `${level}${part}`.normalize()).join('/'));
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(20_000))
      .map(([piece, times]) => {
        const bytes = new Uint8Array(piece.length * times);
        for (let at = 0; at < times; at += 1) bytes.set(piece, at * piece.length);
        return bytes;
      }),
  );
  const files = fc.dictionary(name, content, { minKeys: 1, maxKeys: 6, noNullPrototype: true });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(files, async (contents) => {
      const root = `round${(round += 1)}`;
      const kept = new Map<string, Uint8Array>();
      for (const [path, bytes] of Object.entries(contents)) {
        // A file where another one's folder is makes no tree.
        if (existsSync(join(folder, root, path))) continue;
        try {
          put(`${root}/${path}`, bytes);
          kept.set(path, bytes);
        } catch {
          continue;
        }
      }
      const { bytes } = await zipped(root);
      const back = new Map(Object.entries(unzipSync(bytes)));
      expect([...back.keys()]).toEqual([...kept.keys()].sort());
      for (const [path, wanted] of kept)
        expect(Buffer.compare(back.get(path) ?? Buffer.from('?'), wanted)).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('a file that is gone leaves no zip, and an error that says which', async () => {
  put('lib/a.py', 'a');
  put('lib/b.py', 'b');
  const directory = directoryOf('lib');
  rmSync(join(folder, 'lib/b.py'));
  const target = join(folder, 'lib.zip');
  await expect(zipDirectory(directory, target)).rejects.toMatchObject({
    code: 'UPLOAD_FAILED',
    message: expect.stringMatching(/^The directory lib could not be zipped: .*b\.py/),
  });
  expect(existsSync(target)).toBe(false);
});
