/**
 * `npm run bench`: runs every benchmark of `bench/` in turn and tells of each claim whether it is met.
 *
 *   npm run bench -- start chain   only these; `fleet` and `tables`, which take minutes, run by name alone
 *   npm run bench -- --write       also puts the figures into docs/performance.md
 *
 * The exit code is 1 where a claim is not met, or a benchmark failed.
 */
import { fork } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, release, type } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import type { Figures } from '../bench/measure/claims.ts';
import { verdict } from '../bench/measure/claims.ts';
import { figuresOf } from './bench/figures.ts';
import { withFigures, type Found } from './bench/page.ts';

const root = join(import.meta.dirname, '..');
/** Minutes each, and nothing of the contract: only by their names. */
const byName: ReadonlySet<string> = new Set(['fleet', 'tables']);
const page = join(root, 'docs', 'performance.md');

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const all = readdirSync(join(root, 'bench'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => basename(name, '.ts'))
  .sort();
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0)
  throw new Error(`There is no benchmark ${unknown.join(', ')}; there are ${all.join(', ')}.`);

const machine = `${availableParallelism()} cores, ${type()} ${/^\d+\.\d+/.exec(release())?.[0] ?? ''}, Node ${process.version}; load before the first run ${loadavg()[0]?.toFixed(1) ?? '?'}`;
console.log(`Machine: ${machine}`);
const found: Found[] = [];
const broken: string[] = [];
for (const name of positionals.length > 0 ? positionals : all.filter((one) => !byName.has(one))) {
  console.log(`\n== node bench/${name}.ts`);
  const begin = performance.now();
  const { code, figures } = await run(name);
  console.log(`${((performance.now() - begin) / 1_000).toFixed(0)} s`);
  if (figures) found.push({ name, figures });
  else if (code !== 0) broken.push(name);
}

console.log('\n== Claims');
for (const { name, figures } of found)
  for (const { claim, contract, measured, met } of figures.claims)
    console.log(
      `${verdict(met).padEnd(7)} ${name}: ${claim}: ${measured}${contract === undefined ? '' : ` (contract: ${contract})`}`,
    );
for (const name of broken) console.log(`FAILED  ${name}`);
if (values.write) {
  // What is known of the machine is true of a table that was measured in one go.
  const measuredOn = positionals.length > 0 ? undefined : machine;
  const text = withFigures(readFileSync(page, 'utf8'), found, measuredOn);
  const style = await resolveConfig(page);
  writeFileSync(page, await format(text, { ...style, parser: 'markdown' }));
  console.log('Written to docs/performance.md.');
}
const unmet = found.some(({ figures }) => figures.claims.some(({ met }) => met === false));
process.exitCode = unmet || broken.length > 0 ? 1 : 0;

/** Runs a benchmark to its end; what it prints goes to the terminal. */
function run(name: string): Promise<{ code: number; figures: Figures | undefined }> {
  return new Promise((resolve, reject) => {
    const child = fork(join(root, 'bench', `${name}.ts`), [], {
      cwd: root,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    let figures: Figures | undefined;
    child.on('message', (message) => (figures = figuresOf(message) ?? figures));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, figures }));
  });
}
