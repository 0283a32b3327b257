import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Checkout } from '../../../src/inputs/checkout.ts';
import { readJobFiles } from '../../../src/inputs/job-inputs.ts';
import { Reader } from '../../../src/inputs/reader.ts';
import { missingModuleAdvice } from '../../../src/job/missing-module.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'missing-module-'));
  lay('repo/jobs/job.py', 'repo/other.py');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lay(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
}

/** For a job with these `py-files`, which misses a module. */
function advice(module: string, pyFiles = '', file = 'jobs/job.py'): string | undefined {
  const repo = join(folder, 'repo');
  const given = new Map([
    ['file', file],
    ['py-files', pyFiles],
  ]);
  const reader = new Reader({ input: (name) => given.get(name) ?? '', env: () => '' });
  const job = readJobFiles(reader, repo);
  expect(reader.problems).toEqual([]);
  const title = `ModuleNotFoundError: No module named '${module}'`;
  return missingModuleAdvice(title, job, new Checkout(repo));
}

const elsewhere =
  /^Give the job the package that holds \w+, .*pip install --target.*environment\.$/;

test('a module beside the main file, or at the root, is named', () => {
  lay('repo/jobs/helpers.py', 'repo/shop/__init__.py', 'repo/shop/rules.py');
  expect(advice('helpers')).toBe('Give jobs/helpers.py in py-files.');
  expect(advice('other')).toBe('Give other.py in py-files.');
  expect(advice('shop')).toBe('Give shop in py-files.');
  expect(advice('shop.rules')).toBe('Give shop in py-files.');
});

test('what lies beside the main file comes before the root', () => {
  lay('repo/jobs/other.py');
  expect(advice('other')).toBe('Give jobs/other.py in py-files.');
  expect(advice('other', '', 'Files/jobs/job.py')).toBe('Give other.py in py-files.');
});

test('a folder without __init__.py would be zipped by its contents', () => {
  lay('repo/jobs/plain/rules.py', 'repo/data/raw.csv');
  expect(advice('plain')).toBe('Give jobs/plain in py-files, with an __init__.py in it.');
  expect(advice('data')).toMatch(elsewhere);
});

test('a part of a package that is not there is no reason to give the package', () => {
  lay('repo/shop/__init__.py');
  expect(advice('shop.rules')).toMatch(/package that holds shop\.rules,/);
});

test('nothing outside the checkout is named, nor what is not there', () => {
  lay('outside/secret.py', 'outside/far/__init__.py');
  symlinkSync(join(folder, 'outside/secret.py'), join(folder, 'repo/secret.py'));
  symlinkSync(join(folder, 'outside/far'), join(folder, 'repo/far'));
  for (const module of ['secret', 'far', 'numpy']) expect(advice(module)).toMatch(elsewhere);
});

test('a module that was given is not asked for again', () => {
  lay('repo/jobs/helpers.py', 'repo/shop/__init__.py', 'repo/lib/x.py');
  expect(advice('helpers', 'jobs/helpers.py')).toBeUndefined();
  expect(advice('helpers', 'jobs')).toBeUndefined();
  expect(advice('shop', 'shop')).toBeUndefined();
  expect(advice('numpy', 'Files/numpy.zip')).toBeUndefined();
  expect(advice('shop', 'jobs/helpers.py')).toBe('Give shop in py-files.');
});

test('of a batch that was only followed nothing is known', () => {
  const title = "ModuleNotFoundError: No module named 'other'";
  const checkout = new Checkout(join(folder, 'repo'));
  expect(missingModuleAdvice(title, undefined, checkout)).toMatch(elsewhere);
});

test.each([
  "ImportError: cannot import name 'check' from 'other' (/tmp/other.py)",
  "ValueError: No module named 'other'",
  "ModuleNotFoundError: No module named '../other'",
  "ModuleNotFoundError: No module named 'other/x'",
  "ModuleNotFoundError: No module named ''",
])('%s has no such advice', (title) => {
  expect(missingModuleAdvice(title, undefined, new Checkout(join(folder, 'repo')))).toBe(undefined);
});
