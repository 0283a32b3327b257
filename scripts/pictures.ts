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
import type { RunFacts } from '../src/report/facts.ts';
import { summary } from '../src/report/summary.ts';
import { hostile, samples } from './pictures/samples.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'pictures');
const width = '960';
/** Bytes. */
const largest = 200_000;

function main(args: readonly string[]): boolean {
  install();
  if (args.length > 0) return draw(args);
  const temp = mkdtempSync(join(tmpdir(), 'pictures-'));
  try {
    const drawn = Object.entries(samples).map(([name, facts]) => {
      const picture = join(folder, `${name}.png`);
      return drawFacts(facts, join(temp, `${name}.md`), picture) && smallEnough(picture);
    });
    // As a check only: what a hostile job can make of a summary.
    drawn.push(drawFacts(hostile, join(temp, 'hostile.md'), join(temp, 'hostile.png')));
    return drawn.every(Boolean);
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

function drawFacts(facts: RunFacts, source: string, picture: string): boolean {
  writeFileSync(source, summary(facts));
  return draw([source, picture, width]);
}

/** Pictures of the documentation are part of each clone. */
function smallEnough(picture: string): boolean {
  const { size } = statSync(picture);
  console.log(`${picture}: ${size} bytes`);
  return size <= largest;
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
