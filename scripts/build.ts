/** Builds both entries into dist/, from nothing, so that no file of an earlier build stays. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
for (const entry of ['main', 'post']) {
  const options = ['--minify', '--source-map', '--license', 'licenses.txt', '--quiet'];
  execFileSync(
    'node',
    [
      'node_modules/@vercel/ncc/dist/ncc/cli.js',
      'build',
      `src/${entry}.ts`,
      '-o',
      `dist/${entry}`,
      ...options,
    ],
    {
      stdio: 'inherit',
    },
  );
}
