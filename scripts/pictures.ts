/**
 * `npm run pictures`: draws the summaries of the documentation into `docs/pictures/`.
 * `npm run pictures -- summary.md picture.png [width] [light|dark]` draws one that a run has written.
 *
 * What it draws with (Mermaid and a browser's driver, 218 MB) has a package and a lock file of its own in
 * `docs/pictures/`, which is installed on the first call: `npm ci` of the project stays without it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summary } from '../src/report/summary.ts';
import { hostile, samples } from './pictures/samples.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'pictures');
const width = '960';

function main(args: readonly string[]): boolean {
  install();
  if (args.length > 0) return draw(args);
  const temp = mkdtempSync(join(tmpdir(), 'pictures-'));
  try {
    return [...Object.entries(samples), ['hostile', hostile] as const]
      .map(([name, facts]) => {
        const source = join(temp, `${name}.md`);
        const picture = join(facts === hostile ? temp : folder, `${name}.png`);
        writeFileSync(source, summary(facts));
        const drawn = draw([source, picture, width]);
        if (drawn) console.log(`${picture}: ${statSync(picture).size} bytes`);
        return drawn;
      })
      .every(Boolean);
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

/** Installs what draws, unless it is there as the lock file says. */
function install(): void {
  const installed = join(folder, 'node_modules', '.package-lock.json');
  const wanted = statSync(join(folder, 'package-lock.json')).mtimeMs;
  if (existsSync(installed) && statSync(installed).mtimeMs >= wanted) return;
  console.log('Installing what draws the pictures (218 MB) …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
}

function draw(args: readonly string[]): boolean {
  const program = join(folder, 'draw.js');
  return spawnSync(process.execPath, [program, ...args], { stdio: 'inherit' }).status === 0;
}

process.exitCode = main(process.argv.slice(2)) ? 0 : 1;
