/**
 * How cost grows with the size of the work. `node bench/growth.ts`: each work in doubling sizes; of CPU the
 * exponent (the slope through the logarithms: 1 is linear), of requests that each more costs the same. The growth
 * with the size of the log is bench/log.ts's.
 */
import './stage/without-jest.ts';
import { report, type Claim } from './measure/claims.ts';

const { countClaim, cpuClaim, cpuOf, slowClaim } = await import('./growth/measure.ts');
const { pagesOfNames, resultFiles, uploads } = await import('./growth/steps.ts');
const { simulated } = await import('./growth/simulation.ts');
const { findCause, readJunit, readList, readStages, renewComment } =
  await import('./growth/texts.ts');

const claims: Claim[] = [];
const add = (claim: Claim): void => {
  claims.push(claim);
  console.log(`${claim.claim}: ${claim.measured}`);
};

const run = await simulated();
add(slowClaim('Requests of a run', 'hours', run.requests));
add(cpuClaim('a quiet run, simulated services included', 'hours', run.cpu));

const sent = await uploads([8, 16, 32, 64]);
add(countClaim('Requests before the submit', 'local files', sent.requests));
add(countClaim('Depth of the chain before the submit', 'local files', sent.depth));

add(slowClaim('Requests of a matrix', 'legs', run.matrix));
add(countClaim('Requests of a step', 'pages of workspaces', await pagesOfNames([4, 8, 16, 32])));
add(countClaim('Requests of a step', 'result files', await resultFiles([4, 8, 16, 32])));

const pages = [4, 8, 16, 32];
const asked = [];
for (const work of pages) {
  const list = readList(work);
  await list.run();
  asked.push({ work, cost: list.requests() });
}
add(countClaim('Requests of a reading of the list', 'pages of batches', asked));
add(
  cpuClaim('a reading of the list', 'pages of batches', await cpuOf(pages, (n) => readList(n).run)),
);

const cases = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000];
add(cpuClaim('reading JUnit XML', 'test cases', await cpuOf(cases, readJunit)));
const lines = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000];
for (const [kind, what] of [
  ['python', 'a traceback after lines of Spark'],
  ['chained', 'tracebacks in a chain'],
  ['java', 'exceptions of Java between lines of Spark'],
] as const)
  add(
    cpuClaim(
      `finding the cause, ${what}`,
      'lines of stderr',
      await cpuOf(lines, (size) => findCause(size, kind)),
    ),
  );
const rows = [50, 100, 200, 400, 800];
add(cpuClaim('renewing the comment', 'rows', await cpuOf(rows, renewComment)));
const stages = [250, 500, 1_000, 2_000, 4_000, 8_000];
add(cpuClaim('reading the stages', 'stages', await cpuOf(stages, readStages)));
report({ claims });
