/** Builds the entries into dist/, from nothing, so that no file of an earlier build stays. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { basename } from 'node:path';

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
  const options = ['--minify', '--license', 'licenses.txt', '--quiet'];
  if (sourceMap) options.push('--source-map');
  const ncc = 'node_modules/@vercel/ncc/dist/ncc/cli.js';
  execFileSync('node', [ncc, 'build', entry, '-o', folder, ...options], { stdio: 'inherit' });
  for (const asset of assets) cpSync(asset, `${folder}/${basename(asset)}`, { recursive: true });
}

rmSync('dist', { recursive: true, force: true });
for (const bundle of bundles) build(bundle);
