/**
 * `npm run test:runner`: the built action in real workflows, run by nektos/act, on local Fabric with
 * real Spark. Starts what it needs and leaves nothing behind. Words choose the parts that name them;
 * `--keep FOLDER` keeps the summaries and the comment of the pull request there.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cancelled } from './runner/cancels.ts';
import { Checks } from './runner/checks.ts';
import { dataTests } from './runner/data-tests.ts';
import { nightly } from './runner/nightly.ts';
import { orders } from './runner/orders.ts';
import { release } from './runner/release.ts';
import { Stage } from './runner/stage.ts';

const parts: readonly (readonly [string, (stage: Stage, checks: Checks) => Promise<void>])[] = [
  ['Workflow of five jobs', orders],
  ['Workflows that are cancelled', cancelled],
  ['examples/workflows/pull-request-data-tests.yml', dataTests],
  ['examples/workflows/nightly.yml, and release.yml on what it cleaned', nightlyAndRelease],
];

async function nightlyAndRelease(stage: Stage, checks: Checks): Promise<void> {
  await nightly(stage, checks);
  console.log('  release.yml:');
  await release(stage, checks);
}

async function main(checks: Checks): Promise<void> {
  const { values, positionals: wanted } = parseArgs({
    allowPositionals: true,
    options: { keep: { type: 'string' } },
  });
  const stage = await Stage.open((line) => console.log(line), values.keep);
  const stop = (): void => void stage.close().finally(() => process.exit(130));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    for (const [name, part] of parts) {
      if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
      const started = Date.now();
      console.log(`\n${name}`);
      await part(stage, checks).catch((thrown: unknown) => {
        checks.that('runs to its end', false, thrown instanceof Error ? thrown.message : undefined);
      });
      console.log(`  ${((Date.now() - started) / 1000).toFixed(1)} s`);
    }
  } finally {
    await stage.close();
    rmSync(stage.folder, { recursive: true, force: true });
  }
}

const checks = new Checks();
try {
  await main(checks);
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  checks.failed += 1;
}
console.log(`\n${checks.passed} passed, ${checks.failed} failed`);
process.exitCode = checks.failed === 0 && checks.passed > 0 ? 0 : 1;
