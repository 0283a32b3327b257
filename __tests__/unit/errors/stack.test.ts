import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';
import { afterAll, expect, test } from '@jest/globals';
import { stackOf } from '../../../src/errors/stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'stack-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = '// A comment that the built code does not have.\n\nthrow new Error(fault);\n';

/** An error whose stack names a place in a file of that name. */
function thrownIn(name: string, column: number): Error {
  const place = `${pathToFileURL(join(folder, name)).href}:1:${column}`;
  return Object.assign(new Error('fault'), { stack: `Error: fault\n    at run (${place})` });
}

test('a stack names the source where there is a map, and the file where there is none', () => {
  const { code, map = '' } = transformSync(source, {
    filename: 'src/job.ts',
    minify: true,
    sourceMaps: true,
  });
  writeFileSync(join(folder, 'index.js.map'), map);
  const column = code.indexOf('new') + 1;
  expect(stackOf(thrownIn('index.js', column))).toMatch(/\n {4}at run \(\S*job\.ts:3:7\)$/);
  expect(stackOf(thrownIn('other.js', column))).toContain(`/other.js:1:${column})`);
});

test('what is no error is told by its message', () => {
  expect(stackOf('only a text')).toBe('only a text');
});
