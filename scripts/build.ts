/** Builds the entries into dist/, from nothing, so that no file of an earlier build stays. */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { transformSync } from '@swc/core';

interface Bundle {
  /** Folder below dist/. */
  name: string;
  entry: string;
  sourceMap: boolean;
  /** Files and folders that the code reads at run time: they are copied beside the bundle. */
  assets: readonly string[];
}

const bundles: readonly Bundle[] = [
  { name: 'main', entry: 'src/main.ts', sourceMap: true, assets: [] },
  { name: 'post', entry: 'src/post.ts', sourceMap: true, assets: [] },
  {
    name: 'local',
    entry: 'local/step/index.ts',
    sourceMap: false,
    assets: ['local/spark/requirements.txt', 'local/spark/tables'],
  },
];

function build({ name, entry, sourceMap, assets }: Bundle): void {
  const folder = `dist/${name}`;
  const options = ['--license', '[name].licenses.txt', '--quiet'];
  // The map is read when a fault is told, and not for every stack that Node asks for (src/errors/stack.ts).
  if (sourceMap) options.push('--source-map', '--no-source-map-register');
  const ncc = 'node_modules/@vercel/ncc/dist/ncc/cli.js';
  execFileSync('node', [ncc, 'build', entry, '-o', folder, ...options], { stdio: 'inherit' });
  // The entry and its chunks, such as `253.index.js`.
  for (const file of readdirSync(folder))
    if (/^(\d+\.)?index\.js$/.test(file)) minify(`${folder}/${file}`, sourceMap);
  joinLicences(folder);
  for (const asset of assets) cpSync(asset, `${folder}/${basename(asset)}`, { recursive: true });
}

/** ncc writes the licences of the entry, and of each chunk, to a file of its own. */
function joinLicences(folder: string): void {
  const names = readdirSync(folder).filter((name) => name.endsWith('.licenses.txt'));
  const texts = names.sort().map((name) => readFileSync(`${folder}/${name}`, 'utf8').trim());
  for (const name of names) rmSync(`${folder}/${name}`);
  writeFileSync(`${folder}/licenses.txt`, `${texts.join('\n\n')}\n`);
}

/**
 * In place, with its source map. ncc's own way renames only, which leaves an eighth more. Names of
 * classes and functions stay: they show in stacks, and some packages read them.
 */
function minify(path: string, sourceMap: boolean): void {
  const map = `${path}.map`;
  const names = { keep_classnames: true, keep_fnames: true };
  const { code, map: mapped } = transformSync(readFileSync(path, 'utf8'), {
    configFile: false,
    swcrc: false,
    isModule: true,
    minify: true,
    sourceMaps: sourceMap,
    inlineSourcesContent: true,
    ...(sourceMap ? { inputSourceMap: readFileSync(map, 'utf8') } : {}),
    jsc: {
      parser: { syntax: 'ecmascript' },
      target: 'es2024',
      minify: { compress: { passes: 2 }, mangle: names, format: { comments: false } },
    },
  });
  writeFileSync(path, sourceMap ? `${code}\n//# sourceMappingURL=${basename(map)}\n` : code);
  if (sourceMap) writeFileSync(map, mapped ?? '');
}

rmSync('dist', { recursive: true, force: true });
for (const bundle of bundles) build(bundle);
