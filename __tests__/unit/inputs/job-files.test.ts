import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { equalNames } from '../../../src/inputs/equal-names.ts';
import {
  parseListedFiles,
  type ListedFile,
  type ListInput,
} from '../../../src/inputs/job-files.ts';

let root = '';
let checkout = '';

function put(path: string, content = 'x\n'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(join(checkout, path)), { recursive: true });
  symlinkSync(target.startsWith('/') ? join(root, target) : target, join(checkout, path));
}

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'job-files-')));
  checkout = join(root, 'checkout');
  for (const path of [
    'a.py',
    'b.py',
    'lib.jar',
    'app.jar',
    'lib/one.py',
    'lib/two.py',
    'lib/deep/three.py',
    'lib/notes.txt',
    'data/x.csv',
    'data/y.csv',
    'data/env.tar.gz',
    'Files/local.csv',
    'wheel.whl',
    'code.egg',
    '[odd].py',
    'a,b.csv',
    'hash#x.csv',
    '.git/config.py',
    'sub/.git/inner.py',
    'orders/__init__.py',
    'orders/sub/__init__.py',
    'orders/sub/z.py',
    'orders/B.py',
    'orders/a.py',
    'orders/a.pyc',
    'orders/__pycache__/a.cpython-311.pyc',
    'orders/__pycache__/note.txt',
    'orders/.git/hooks.py',
    'orders/data.json',
    'plain/tool.py',
    'plain/more/util.py',
    'cycle/a.py',
    'escaping/a.py',
  ])
    put(`checkout/${path}`);
  put('outside/secret.py');
  put('checkout-evil/evil.py');
  mkdirSync(join(checkout, 'empty/__pycache__'), { recursive: true });
  link('/outside/secret.py', 'escape.py');
  link('/outside', 'way-out');
  link('a.py', 'same.py');
  link('..', 'cycle/up');
  link('.', 'cycle/self');
  link('../../outside/secret.py', 'escaping/secret.py');
  link('../lib', 'linked/lib');
  link('nowhere', 'dangling/x.py');
});

afterAll(() => rmSync(root, { recursive: true }));

function taken(input: ListInput, text: string): readonly ListedFile[] {
  const parsed = parseListedFiles(input, text, checkout);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.value.files;
}

function problemOf(input: ListInput, text: string): string {
  const parsed = parseListedFiles(input, text, checkout);
  if ('problem' in parsed) return parsed.problem;
  throw new Error(`Taken: ${JSON.stringify(parsed.value)}`);
}

function names(files: readonly ListedFile[]): string[] {
  return files.map((file) => ('baseName' in file ? file.baseName : JSON.stringify(file)));
}

describe('an item', () => {
  test('is of the checkout, of the lakehouse, or a URI; lines may end in CR LF', () => {
    const text =
      ' a.py \r\n\r\nFiles/lib/x.py\r\nabfss://w@h.example/l/Files/y.py\r\n./lib/one.py\n';
    expect(taken('py-files', text)).toEqual([
      {
        kind: 'local',
        shown: 'a.py',
        realPath: join(checkout, 'a.py'),
        baseName: 'a.py',
        size: 2,
      },
      { kind: 'lakehouse', path: 'Files/lib/x.py' },
      { kind: 'uri', uri: 'abfss://w@h.example/l/Files/y.py' },
      expect.objectContaining({ kind: 'local', shown: './lib/one.py', baseName: 'one.py' }),
    ]);
  });

  test('./Files/ is the checkout', () => {
    expect(taken('files', './Files/local.csv')).toMatchObject([
      { kind: 'local', realPath: join(checkout, 'Files/local.csv') },
    ]);
  });

  test.each([
    ['py-files', 'a.py\ncode.egg\nwheel.whl\nFiles/x.ZIP', 4],
    ['jars', 'lib.jar\nFiles/x.jar\nabfss://w@h/l/Files/x.jar', 3],
    ['archives', 'data/env.tar.gz\nFiles/a.zip\nFiles/a.tgz\nFiles/a.tar\nlib.jar', 5],
    ['files', 'a.py\ndata/x.csv\nFiles/noending', 3],
  ] as const)('%s takes its endings', (input, text, count) => {
    expect(taken(input, text)).toHaveLength(count);
  });

  test.each([
    ['py-files', 'lib/notes.txt', /must hold files that end in \.py, \.zip or \.egg, not "lib\/n/],
    ['py-files', 'Files/x.jar', /\.py, \.zip or \.egg/],
    ['py-files', 'lib/*', /not "lib\/notes\.txt" \(matched by "lib\/\*"\)/],
    ['jars', 'a.py', /must hold files that end in \.jar/],
    ['jars', 'abfss://w@h/l/Files/x.zip', /must hold files that end in \.jar/],
    ['archives', 'data/x.csv', /\.zip, \.tar\.gz, \.tgz, \.tar or \.jar/],
    ['archives', 'data/env.gz', /names no file/],
    ['files', 'data', /is a directory, which only py-files takes: "data"/],
    ['jars', '.', /is a directory, which only py-files takes/],
    ['files', 'gone/*.csv', /matches no file of the checkout: "gone\/\*\.csv"/],
    ['files', 'd*', /matches no file/],
    ['files', 'Files/*.csv', /patterns are for files of the checkout only: "Files\/\*\.csv"/],
    ['files', 'Files/{a,b}.csv', /patterns are for/],
    ['files', 'abfss://w@h/l/Files/*.csv', /patterns are for/],
    ['files', '../*/secret.py', /must be a pattern within the checkout/],
    ['files', '{..,x}/*/secret.py', /must be a pattern within the checkout/],
    ['files', '/et[c]/passwd', /must be a pattern within the checkout/],
    ['files', '\\et[c]/passwd', /must be a pattern within the checkout/],
    ['files', '{a,/etc}/passwd', /must be a pattern within the checkout/],
    ['files', 'lib/..\\*', /must be a pattern within the checkout/],
    ['files', 'https://h.example/x.csv', /must be a path or an abfss: URI/],
    ['files', 'a,b.csv', /a comma in its name/],
    ['py-files', '[odd].py', /holds one of \* \? \[ \] \{ \} or a comma in its name/],
    ['py-files', 'gone.py', /names no file of the checkout/],
    ['py-files', 'empty', /a directory without any file: "empty"/],
    ['py-files', 'escaping', /leads out of the checkout: .*secret\.py/],
    ['py-files', 'dangling', /names no file of the checkout/],
    ['py-files', '.git', /must not lie in \.git/],
    ['py-files', '..', /leads out of the checkout/],
    ['py-files', 'way-out', /leads out of the checkout/],
  ] as const)('%s: %j is refused', (input, text, words) => {
    expect(problemOf(input, text)).toMatch(words);
  });

  test('a wheel is taken with a warning', () => {
    const parsed = parseListedFiles('py-files', 'wheel.whl\na.py', checkout);
    expect(parsed).toMatchObject({
      value: { warnings: [expect.stringMatching(/"wheel\.whl".*environment/)] },
    });
  });

  test('every problem is told', () => {
    const text = 'gone.py\na.py\nlib/notes.txt\n../x.py\nnone/*.py\nFiles/*.py';
    const parts = problemOf('py-files', text).split('; ');
    expect(parts.map((part) => /"([^"]+)"/.exec(part)?.[1])).toEqual([
      'gone.py',
      'lib/notes.txt',
      '../x.py',
      'none/*.py',
      'Files/*.py',
    ]);
  });

  test('very many problems are counted', () => {
    const text = Array.from({ length: 60 }, (_, n) => `gone${n}.py`).join('\n');
    expect(problemOf('py-files', text)).toMatch(/"gone49\.py".*; and 10 more problems$/);
  });
});

describe('a glob', () => {
  test('gives files in order, whatever its form', () => {
    expect(names(taken('py-files', 'lib/**/*.py'))).toEqual(['three.py', 'one.py', 'two.py']);
    expect(names(taken('files', './data/*.csv'))).toEqual(['x.csv', 'y.csv']);
    expect(names(taken('files', '{data/x,a}.*'))).toEqual(['a.py', 'x.csv']);
  });

  test('passes over directories and .git', () => {
    const all = taken('files', 'lib/*');
    expect(names(all)).toEqual(['notes.txt', 'one.py', 'two.py']);
    for (const pattern of ['.gi?/*.py', 'su*/.git/*.p[y]', '**/config.py', 'sub/**'])
      expect(problemOf('files', pattern)).toMatch(/matches no file/);
  });

  test('a link that leads out is told', () => {
    expect(problemOf('py-files', 'esc*.py')).toMatch(/leads out of the checkout: "escape\.py"/);
    expect(problemOf('py-files', 'way-out/*.py')).toMatch(/leads out/);
  });

  test('a file that is there is meant, although its name is a pattern', () => {
    put('checkout/odd/[ab].csv');
    put('checkout/odd/a.csv');
    expect(problemOf('files', 'odd/[ab].csv')).toMatch(/holds one of/);
  });
});

describe('a file that two lines name', () => {
  test('counts once', () => {
    expect(names(taken('py-files', 'a.py\n./a.py\nlib/../a.py\n[a].py\nb.py'))).toEqual([
      'a.py',
      'b.py',
    ]);
    expect(taken('py-files', 'orders\norders/\n./orders')).toHaveLength(1);
    expect(taken('jars', 'Files/x.jar\nFiles/x.jar')).toHaveLength(1);
    expect(taken('files', 'data/x.csv#a\ndata/x.csv#a')).toHaveLength(1);
  });

  test('stays under both names when a link gives it another one', () => {
    expect(names(taken('py-files', 'a.py\nsame.py'))).toEqual(['a.py', 'same.py']);
  });

  test('may not have two aliases', () => {
    expect(problemOf('files', 'data/x.csv#a\ndata/x.csv#b')).toMatch(/twice, as a and as b/);
    expect(problemOf('files', 'data/x.csv\ndata/x.csv#b')).toMatch(/twice, as itself and as b/);
  });
});

describe('an alias', () => {
  test('is the name that the job sees', () => {
    expect(
      taken('archives', 'data/env.tar.gz#env\nFiles/m.zip#m.1\nabfss://w@h/l/a.jar#J'),
    ).toEqual([
      expect.objectContaining({ baseName: 'env.tar.gz', shown: 'data/env.tar.gz', alias: 'env' }),
      { kind: 'lakehouse', path: 'Files/m.zip', alias: 'm.1' },
      { kind: 'uri', uri: 'abfss://w@h/l/a.jar', alias: 'J' },
    ]);
    expect(taken('files', 'data/x*.csv#only')).toMatchObject([{ alias: 'only' }]);
    expect(taken('files', 'data/x.csv')[0]).not.toHaveProperty('alias');
  });

  test.each([
    ['files', 'a.py#'],
    ['files', 'a.py#a/b'],
    ['files', 'a.py#..'],
    ['files', 'a.py#a b'],
    ['files', 'a.py#a#b'],
    ['files', 'hash#x.csv#'],
    ['files', '# a remark'],
    ['files', 'data/*.csv#x'],
    ['py-files', 'a.py#x'],
    ['jars', 'lib.jar#x'],
    ['jars', 'Files/lib.jar#x'],
  ] as const)('%s: %j is refused', (input, text) => {
    expect(problemOf(input, text)).toContain('#');
  });
});

describe('a directory', () => {
  test('with __init__.py goes under its own name', () => {
    const [directory] = taken('py-files', './orders/');
    expect(directory).toMatchObject({
      kind: 'directory',
      baseName: 'orders.zip',
      shown: './orders/',
    });
    expect(directory?.kind === 'directory' && directory.entries.map(({ name }) => name)).toEqual([
      'orders/B.py',
      'orders/__init__.py',
      'orders/a.py',
      'orders/data.json',
      'orders/sub/__init__.py',
      'orders/sub/z.py',
    ]);
    expect(directory).toMatchObject({ size: 12 });
  });

  test('without it stands at the root of the zip', () => {
    expect(taken('py-files', 'plain')).toMatchObject([
      {
        baseName: 'plain.zip',
        entries: [
          { name: 'more/util.py', realPath: join(checkout, 'plain/more/util.py'), size: 2 },
          { name: 'tool.py' },
        ],
      },
    ]);
  });

  test('links are followed inside, and cycles end', () => {
    expect(taken('py-files', 'linked')).toMatchObject([
      { entries: [{ name: 'lib/deep/three.py' }, {}, { name: 'lib/one.py' }, {}] },
    ]);
    expect(taken('py-files', 'linked/lib')).toMatchObject([
      { baseName: 'lib.zip', entries: [{ name: 'deep/three.py' }, {}, {}, {}] },
    ]);
    expect(problemOf('py-files', 'cycle')).toMatch(/leads out|names no file/);
  });

  test('of links that fork without end is too large', () => {
    const forks = join(root, 'forks');
    for (let level = 0; level < 20; level += 1) {
      mkdirSync(join(forks, `n${level}`), { recursive: true });
      for (const name of ['l', 'r'])
        symlinkSync(`../n${level + 1}`, join(forks, `n${level}`, name));
    }
    mkdirSync(join(forks, 'n20'));
    writeFileSync(join(forks, 'n20/x.py'), '');
    expect(parseListedFiles('py-files', 'n0', forks)).toMatchObject({
      problem: expect.stringMatching(/too large for a zip/),
    });
  });

  test('may be the checkout', () => {
    const small = join(root, 'small');
    mkdirSync(join(small, '.git'), { recursive: true });
    writeFileSync(join(small, '.git/x.py'), '');
    writeFileSync(join(small, 'x.py'), '');
    symlinkSync('..', join(small, 'up'));
    expect(parseListedFiles('py-files', '.', small)).toMatchObject({ problem: /./ });
    rmSync(join(small, 'up'));
    mkdirSync(join(small, 'in'));
    symlinkSync('..', join(small, 'in/up'));
    symlinkSync('.', join(small, 'in/self'));
    expect(parseListedFiles('py-files', '.', small)).toEqual({
      value: {
        files: [
          {
            kind: 'directory',
            shown: '.',
            baseName: 'small.zip',
            entries: [{ name: 'x.py', realPath: join(small, 'x.py'), size: 0 }],
            size: 0,
          },
        ],
        warnings: [],
      },
    });
  });
});

describe('equal names', () => {
  const main: ListedFile = {
    kind: 'local',
    shown: 'jobs/a.py',
    realPath: '/c/jobs/a.py',
    baseName: 'a.py',
    size: 1,
  };
  const local = (path: string, alias?: string): ListedFile => ({
    kind: 'local',
    shown: path,
    realPath: `/c/${path}`,
    baseName: basename(path),
    size: 1,
    ...(alias === undefined ? {} : { alias }),
  });
  const lake = (path: string, alias?: string): ListedFile => ({
    kind: 'lakehouse',
    path,
    ...(alias === undefined ? {} : { alias }),
  });

  test('are told with both files and their inputs', () => {
    const problem = equalNames({
      file: [main],
      'py-files': [local('lib/b.py'), local('lib/a.py')],
    });
    expect(problem).toBe(
      '"jobs/a.py" (file) and "lib/a.py" (py-files) would both lie under the name "a.py": rename one of them.',
    );
  });

  test('are looked for among all kinds', () => {
    const zip: ListedFile = {
      kind: 'directory',
      shown: 'orders',
      baseName: 'orders.zip',
      entries: [],
      size: 0,
    };
    expect(equalNames({ a: [zip], b: [local('x/orders.zip')] })).toContain('"orders.zip"');
    expect(equalNames({ a: [zip], b: [lake('Files/orders.zip')] })).toContain('"orders.zip"');
    const uri: ListedFile = { kind: 'uri', uri: 'abfss://w@h/l/or%64ers.zip' };
    expect(equalNames({ a: [zip], b: [uri] })).toContain('"orders.zip"');
    expect(equalNames({ a: [lake('Files/or%64ers.zip')], b: [zip] })).toBeUndefined();
    expect(equalNames({ a: [lake('Files/x.csv', 'y')], b: [lake('Files/y')] })).toContain('"y"');
  });

  test('of uploads are a problem in spite of an alias', () => {
    expect(equalNames({ files: [local('p/x.csv', 'a'), local('q/x.csv', 'b')] })).toContain(
      'x.csv',
    );
    expect(
      equalNames({ files: [lake('Files/p/x.csv', 'a'), lake('Files/q/x.csv', 'b')] }),
    ).toBeUndefined();
  });

  test('of one and the same file are none', () => {
    expect(equalNames({ file: [main], 'py-files': [main, local('b.py')] })).toBeUndefined();
    expect(equalNames({ jars: [lake('Files/x.jar')], files: [lake('Files/x.jar')] })).toBe(
      undefined,
    );
    expect(equalNames({})).toBeUndefined();
  });
});

test('whatever the text, no local file outside the checkout is ever given, nor one in .git', () => {
  const piece = fc.constantFrom(
    ...['..', '.', '*', '**', '{a,..}', '[a-z]*', '?.py', '!(x)', '@(..|a)', '#', '\\', '.g?t'],
    ...['a.py', 'x.csv', '*.py', '*.csv', '.git', '.GIT', 'lib', 'escape.py', 'way-out', 'cycle'],
    ...['orders', 'plain', 'config.py', 'secret.py', 'Files', 'checkout-evil', 'outside', 'data'],
    ...['up', 'self', 'linked', 'esc*'],
  );
  const path = fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const text = fc.oneof(
    { weight: 6, arbitrary: path },
    { weight: 1, arbitrary: fc.array(path, { maxLength: 3 }).map((lines) => lines.join('\n')) },
    { weight: 1, arbitrary: path.map((relative) => join(checkout, relative)) },
    { weight: 1, arbitrary: fc.string() },
  );
  const input = fc.constantFrom<ListInput>('py-files', 'jars', 'files', 'archives');
  let given = 0;
  fc.assert(
    fc.property(input, text, (which, lines) => {
      const parsed = parseListedFiles(which, lines, checkout);
      if (!('value' in parsed)) return;
      for (const file of parsed.value.files) {
        const paths =
          file.kind === 'local'
            ? [file.realPath]
            : file.kind === 'directory'
              ? file.entries.map(({ realPath }) => realPath)
              : [];
        for (const path of paths) {
          given += 1;
          expect(path.startsWith(`${checkout}/`)).toBe(true);
          expect(realpathSync(path)).toBe(path);
          expect(path).not.toContain('/.git/');
        }
      }
    }),
    { numRuns: 1_500 },
  );
  expect(given).toBeGreaterThan(20);
});
