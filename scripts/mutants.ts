/**
 * Shows that the tests hold what the design promises: each mutant of `mutants/` breaks one sentence
 * of it, and a test must turn red.
 *
 *   --list           prints the mutants, and which are not written yet
 *   --only <prefix>  those whose id begins so
 *   --near           looks for a killer that is not known among the tests of the rule only
 *   --simulation     plays schedules of the simulator against each, beside its named test
 *   --runs <N>       how many schedules each; 150 by default
 *   --known          with --simulation: the named tests are not run again
 *   --find           writes the killers that were found to mutants/killers.json
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { allMutants, notYet } from '../mutants/all.ts';
import type { Mutant } from '../mutants/mutant.ts';
import { inTrees, redTests, soundKillers } from './mutants/baseline.ts';
import { endAllRuns } from './mutants/jest-run.ts';
import { readKillers, writeKillers } from './mutants/killers.ts';
import {
  simulatedRow,
  simulatedTable,
  simulationRed,
  type SimulatedRow,
} from './mutants/simulation.ts';
import { closingLine, rowOf, table, type Row } from './mutants/table.ts';
import { bundleStages, directStages, nearStages } from './mutants/stages.ts';
import { occurrences, Tree } from './mutants/tree.ts';
import { searchKiller, tryKiller, type Outcome } from './mutants/trial.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    find: { type: 'boolean', default: false },
    near: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    simulation: { type: 'boolean', default: false },
    runs: { type: 'string', default: '150' },
    known: { type: 'boolean', default: false },
  },
});

const trees: Tree[] = [];

function removeTrees(): void {
  endAllRuns();
  for (const tree of trees.splice(0)) tree.remove();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    removeTrees();
    process.exit(130);
  });
}

const selected = allMutants.filter(({ id }) => id.startsWith(values.only));

if (values.list) list();
else if (values.simulation) await simulated(Number(values.runs));
else await main();

function list(): void {
  for (const { id, file, breaks } of selected) console.log(`${id} | ${file} | ${breaks}`);
  for (const what of notYet) console.log(`not yet: ${what}`);
}

async function main(): Promise<void> {
  const misfits = selected.filter((mutant) => occurrences(mutant) !== 1);
  for (const mutant of misfits)
    console.log(
      `${mutant.id}: the text occurs ${occurrences(mutant)} times in src/${mutant.file}, not once`,
    );
  const rows = new Map<string, Row>();
  try {
    await runAll(
      selected.filter((mutant) => !misfits.includes(mutant)),
      rows,
    );
  } finally {
    removeTrees();
  }
  const sorted = selected.flatMap(({ id }) => rows.get(id) ?? []);
  console.log(table(sorted));
  console.log(closingLine(sorted));
  const allKilled = sorted.every(({ outcome }) => outcome.kind === 'killed');
  process.exitCode = allKilled && misfits.length === 0 && sorted.length > 0 ? 0 : 1;
}

/** Each mutant against its named test and against the simulation. */
async function simulated(runs: number): Promise<void> {
  const killers = readKillers();
  const rows = new Map<string, SimulatedRow>();
  const count = Math.min(availableParallelism(), Math.max(1, selected.length));
  try {
    for (let made = 0; made < count; made += 1) trees.push(new Tree());
    await inTrees(trees, selected, async (tree, mutant) => {
      const start = Date.now();
      if (occurrences(mutant) !== 1) {
        console.error(`${mutant.id}: its text does not occur once in src/${mutant.file}`);
        return;
      }
      const killer = killers.get(mutant.id);
      const outcome = killer && !values.known ? await tryKiller(tree, mutant, killer) : undefined;
      const test = values.known ? killer !== undefined : outcome?.kind === 'killed';
      const simulation = await simulationRed(tree, mutant, runs);
      const seconds = (Date.now() - start) / 1_000;
      const row = { mutant, test, simulation, seconds };
      rows.set(mutant.id, row);
      console.error(`${rows.size}/${selected.length} ${simulatedRow(row)}`);
    });
  } finally {
    removeTrees();
  }
  const sorted = selected.flatMap(({ id }) => rows.get(id) ?? []);
  console.log(simulatedTable(sorted));
  const caught = sorted.every(({ test, simulation }) => test || simulation !== undefined);
  process.exitCode = caught && sorted.length === selected.length ? 0 : 1;
}

async function runAll(mutants: readonly Mutant[], rows: Map<string, Row>): Promise<void> {
  const killers = readKillers();
  const count = Math.min(availableParallelism(), Math.max(1, mutants.length));
  for (let made = 0; made < count; made += 1) trees.push(new Tree());
  const done = (mutant: Mutant, outcome: Outcome, start: number): void => {
    const row = { mutant, outcome, seconds: (Date.now() - start) / 1_000 };
    rows.set(mutant.id, row);
    console.error(`${rows.size}/${mutants.length} ${rowOf(row)}`);
    if (outcome.kind !== 'killed') return;
    killers.set(mutant.id, outcome.killer);
    const ids = new Set(allMutants.map(({ id }) => id));
    if (values.find) writeKillers(new Map([...killers].filter(([id]) => ids.has(id))));
  };

  const known = mutants.flatMap(({ id }) => killers.get(id) ?? []);
  const isSound = await soundKillers(trees, known);
  for (const { file, test } of known.filter((killer) => !isSound(killer)))
    console.error(`red or gone without any mutant: ${file} › ${test}`);

  await inTrees(trees, mutants, async (tree, mutant) => {
    const killer = killers.get(mutant.id);
    if (!killer || !isSound(killer)) return;
    const start = Date.now();
    const outcome = await tryKiller(tree, mutant, killer);
    if (outcome) done(mutant, outcome, start);
  });

  const unchecked = { tests: [], files: [], seconds: new Map<string, number>() };
  await inTrees(
    trees,
    mutants.filter(({ id }) => !rows.has(id)),
    async (tree, mutant) => {
      const start = Date.now();
      const outcome = await searchKiller(tree, mutant, nearStages(tree, mutant), unchecked);
      if (outcome.kind === 'killed' || values.near) done(mutant, outcome, start);
    },
  );

  for (const bundle of [false, true]) {
    const left = mutants.filter(({ id }) => !rows.has(id));
    if (left.length === 0) return;
    const where = bundle ? 'the tests of the bundle' : 'unit and service tests';
    console.error(`${left.length} mutants have no killer (any more): looking among ${where}`);
    const reds = await redTests(trees, bundle);
    for (const { file, test } of reds.tests)
      console.error(`red without any mutant, so not counted: ${file} › ${test}`);
    for (const file of reds.files) console.error(`does not run without any mutant: ${file}`);
    for (const [file, seconds] of [...reds.seconds].sort(([, a], [, b]) => b - a).slice(0, 8))
      console.error(`${seconds.toFixed(0)} s: ${file}`);
    await inTrees(trees, left, async (tree, mutant) => {
      const start = Date.now();
      const stages = bundle
        ? bundleStages(tree, reds.seconds)
        : await directStages(tree, mutant.file, reds.seconds);
      const outcome = await searchKiller(tree, mutant, stages, reds);
      if (bundle || outcome.kind === 'killed') done(mutant, outcome, start);
      else console.error(`${mutant.id}: no unit or service test turns red`);
    });
  }
}
