/**
 * The path of the log: from the service to the job's output, through the built main entry, in a process of
 * its own, against a local Fabric in another. `node bench/log.ts`; with `--spark` a real PySpark job prints
 * as well. `--action FOLDER`: the action that stands there, to compare builds. `--only TEXT`: the rows whose
 * name holds it. Prints two tables. Every run is checked: the files under `log-path` are the bytes of the log,
 * and the output shows the lines of the documented function, each once and in order.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { holds, shows } from './log/check.ts';
import { atOnce, fourTimes, plays, sparkPlays, type Play } from './log/plays.ts';
import { serve, toldBy, type Told } from './log/server.ts';
import { measured, runStep, type Ran } from './log/step.ts';
import { linesIn, logText, printingJob, shownOf } from './log/text.ts';
import { report, type Claim } from './measure/claims.ts';

/** One play, measured. */
interface Row {
  name: string;
  megabytes: number;
  ran: Ran;
  fetched: number;
  source: Told;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    spark: { type: 'boolean', default: false },
    action: { type: 'string', default: resolve(import.meta.dirname, '..') },
    only: { type: 'string', default: '' },
  },
});
const [role = 'all', given = ''] = positionals;
if (role === 'server') await serve(given, values.spark);
else await compare();

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-log-'));
  const flags = values.spark ? ['--spark'] : [];
  const server = fork(import.meta.filename, ['server', join(folder, 'state'), ...flags]);
  try {
    await nextMessage(server);
    const wanted = Object.entries({ ...plays, ...(values.spark ? sparkPlays : {}) }).filter(
      ([name, { blocks }]) => blocks === 0 || name.includes(values.only),
    );
    const rows: Row[] = [];
    for (const [name, play] of wanted) {
      rows.push(await rowOf(server, join(folder, String(rows.length)), name, play));
      console.error(told(rows.at(-1)));
    }
    console.log(memoryTable(rows));
    console.log(await speedTable(folder, rows));
    report({ claims: claimsOf(rows) });
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rowOf(server: ChildProcess, folder: string, name: string, play: Play): Promise<Row> {
  const size = play.megabytes * 1e6;
  const texts = play.streams.map((stream) => {
    const block = play.blocks === 0 ? Buffer.from('one line\n') : logText(play.kind, size, stream);
    const shown = play.kind === 'mixed' ? shownOf(block) : block;
    return { stream, block, shown, times: Math.max(1, play.blocks) };
  });
  const { inputs, certificatePath } = await asked(server, name);
  mkdirSync(folder);
  const [first] = texts;
  if (!first) throw new Error(`${name} prints nothing.`);
  const ran = await runStep(
    {
      action: values.action,
      folder,
      job: play.spark ? printingJob(size, play.seconds) : '',
      inputs,
      certificatePath,
    },
    {
      file: join(folder, 'output'),
      first: first.shown.subarray(0, first.shown.indexOf(0x0a)),
      length: first.shown.length * first.times,
      rate: play.reader,
    },
  );
  const source = await asked(server, '');
  if (play.kind === 'plain')
    for (const { stream, block, times } of texts)
      holds(join(ran.logPath, `${stream}.log`), block, times);
  shows(
    ran.output,
    texts.map(({ shown, times }) => ({ block: shown, times })),
  );
  rmSync(folder, { recursive: true });
  const bytes = texts.reduce((sum, { block, times }) => sum + block.length * times, 0);
  return { name, megabytes: bytes / 1e6, ran, fetched: source.served / bytes, source };
}

function told(row?: Row): string {
  if (!row) return '';
  const { name, ran, fetched } = row;
  return `${name}: ${ran.seconds.toFixed(2)} s, peak ${ran.used.peakMb.toFixed(0)} MB, CPU ${(ran.used.cpuMs / 1_000).toFixed(2)} s, fetched ${fetched.toFixed(2)} times`;
}

/** The contract speaks of 150 MB in 12 s where offsets serve; `holds` and `shows` see that they are whole. */
function claimsOf(rows: readonly Row[]): Claim[] {
  const promised = rows.filter(({ name }) => / in 12 s/.test(name) && !name.includes('ignored'));
  return promised.flatMap(({ name, ran, fetched }) => [
    {
      claim: `Peak of memory of a log that is whole: ${name}`,
      contract: 'at most 200 MB',
      measured: `${ran.used.peakMb.toFixed(0)} MB`,
      met: ran.used.peakMb <= 200,
    },
    {
      claim: `Bytes fetched for each byte of that log: ${name}`,
      contract: 'at most 2',
      measured: fetched.toFixed(2),
      met: fetched <= 2,
    },
  ]);
}

function memoryTable(rows: readonly Row[]): string {
  const base = rows[0]?.ran.used ?? { peakMb: NaN, cpuMs: NaN };
  const cells = rows.map(({ name, megabytes, ran, fetched, source }) => [
    name,
    ran.used.peakMb.toFixed(0),
    (ran.used.peakMb - base.peakMb).toFixed(0),
    megabytes < 1 ? '' : fetched.toFixed(2),
    megabytes < 1 ? '' : ((ran.used.cpuMs - base.cpuMs) / megabytes).toFixed(1),
    String(source.requests),
  ]);
  return table(
    ['Log', 'Peak, MB', 'Above one line, MB', 'Bytes fetched / bytes', 'CPU, ms a MB', 'Requests'],
    cells,
  );
}

/** The rate of a log that is there at once, beside `cat` and beside a client that only copies the same reply. */
async function speedTable(folder: string, rows: readonly Row[]): Promise<string> {
  const at150 = rows.find(({ name }) => name === atOnce);
  const at600 = rows.find(({ name }) => name === fourTimes);
  if (!at150 || !at600) return '';
  const block = logText('plain', 150e6, 'stdout');
  const file = join(folder, 'log');
  writeFileSync(file, block);
  const first = block.subarray(0, block.indexOf(0x0a));
  const reading = { file: join(folder, 'copied'), first, length: block.length, rate: 0 };
  const env = { PATH: process.env['PATH'] ?? '' };
  const cat = await measured(['cat', file], { cwd: folder, env }, reading);
  const { url, token, certificatePath } = at150.source;
  const copied = await measured(
    [process.execPath, join(import.meta.dirname, 'log/copy.js'), url, token],
    { cwd: folder, env: { ...env, NODE_EXTRA_CA_CERTS: certificatePath } },
    reading,
  );
  holds(reading.file, block, 1);
  const lines = linesIn(block) / 1e6;
  const line = (name: string, { seconds, used }: Ran, times = 1): string[] => [
    name,
    ((lines * times) / seconds).toFixed(2),
    ((cat.seconds * times) / seconds).toFixed(3),
    ((seconds * 1_000) / (150 * times)).toFixed(1),
    Number.isNaN(used.cpuMs) ? '' : (used.cpuMs / (150 * times)).toFixed(1),
  ];
  return table(
    ['What', 'Million lines a second', 'Share of `cat`', 'ms a MB', 'CPU, ms a MB, with its start'],
    [
      line('`cat` of 150 MB through a pipe', cat),
      line('a client that copies the reply to its output', copied),
      line('the action, 150 MB', at150.ran),
      line('the action, 600 MB', at600.ran, 4),
    ],
  );
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return ['', line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What a server of ours answers to the name of a play. */
async function asked(server: ChildProcess, name: string): Promise<Told> {
  const answer = nextMessage(server);
  server.send(name);
  return toldBy(await answer);
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((done, fail) => {
    const ended = (code: number | null): void =>
      fail(new Error(`The server ended with ${code ?? 'a signal'}.`));
    child.once('exit', ended);
    child.once('message', (message: unknown) => {
      child.off('exit', ended);
      done(message);
    });
  });
}
