import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { isObject } from '../../src/http/json.ts';
import type { Tree } from './tree.ts';

/** A test, by its file (relative to the tree) and its full name. */
export interface TestName {
  file: string;
  test: string;
}

/** What a run of jest told. */
export interface Run {
  passed: TestName[];
  failed: TestName[];
  /** The test under way when jest went silent for too long, or died. */
  hangsIn?: TestName;
  /** Test files that could not run at all. */
  unrunnable: string[];
  /** How long each test file took. */
  seconds: Map<string, number>;
  /** Why no more can be told. */
  broken?: string;
}

export interface RunOptions {
  /** They run in this order. */
  files: readonly string[];
  /** Only tests of these names. */
  only?: readonly string[];
  /** Not the tests of these names. */
  but?: readonly string[];
  /** Ends jest at the first failure. */
  stopAtFirst?: boolean;
}

/** A test that says nothing for so long hangs; milliseconds. The longest of the suite takes a tenth. */
const silence = 60_000;
const testTimeout = 15_000;
/** A mutant that fills the memory must die before the machine suffers; MB. */
const memory = 1_500;

const running = new Set<ChildProcess>();

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** For Ctrl-C: ends every jest under way. */
export function endAllRuns(): void {
  for (const child of running) endGroup(child);
}

function anyOf(names: readonly string[]): string {
  return `(?:${names.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})`;
}

function pattern({ only, but }: RunOptions): string[] {
  if (only) return ['--testNamePattern', `^${anyOf(only)}$`];
  return but && but.length > 0 ? ['--testNamePattern', `^(?!${anyOf(but)}$)`] : [];
}

function jestArguments(tree: Tree, options: RunOptions): string[] {
  return [
    `--max-old-space-size=${memory}`,
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--runInBand',
    '--silent',
    '--coverage=false',
    '--watchman=false',
    `--cacheDirectory=${tree.cache}`,
    `--testTimeout=${testTimeout}`,
    `--testSequencer=${join(tree.root, 'scripts', 'mutants', 'in-order.js')}`,
    `--reporters=${join(tree.root, 'scripts', 'mutants', 'events.js')}`,
    ...pattern(options),
    '--runTestsByPath',
    ...options.files,
  ];
}

interface Event {
  kind: string;
  file: string;
  name: string;
  status: string;
  text: string;
}

function eventOf(line: string): Event {
  const value: unknown = JSON.parse(line);
  const fields = new Map<string, unknown>(isObject(value) ? Object.entries(value) : []);
  const text = (key: string): string => {
    const field = fields.get(key);
    return typeof field === 'string' ? field : '';
  };
  return {
    kind: text('kind'),
    file: text('file'),
    name: text('name'),
    status: text('status'),
    text: text('text'),
  };
}

/** Runs test files of the tree, one after another in one process. */
export async function runJest(tree: Tree, options: RunOptions): Promise<Run> {
  const result: Run = { passed: [], failed: [], unrunnable: [], seconds: new Map() };
  if (options.files.length === 0) return result;
  const child = spawn(process.execPath, jestArguments(tree, options), {
    cwd: tree.root,
    env: { ...tree.env, TEST_ORDER: JSON.stringify(options.files) },
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  running.add(child);
  let underWay: TestName | undefined;
  let fileStart = Date.now();
  let [stopped, silent] = [false, false];
  const watch = (): NodeJS.Timeout =>
    setTimeout(() => {
      silent = true;
      endGroup(child);
    }, silence);
  let watchdog = watch();
  const take = (line: string): void => {
    clearTimeout(watchdog);
    watchdog = watch();
    const event = eventOf(line);
    const test = { file: event.file.slice(tree.root.length + 1), test: event.name };
    if (event.kind === 'start') underWay = test;
    if (event.kind === 'file') fileStart = Date.now();
    if (event.kind === 'file-end') result.seconds.set(test.file, (Date.now() - fileStart) / 1_000);
    if (event.kind === 'no-tests' && !stopped) {
      result.unrunnable.push(test.file);
      result.broken ??= `${test.file}: ${event.text}`;
    }
    if (event.kind !== 'end') return;
    underWay = undefined;
    if (event.status === 'passed') result.passed.push(test);
    if (event.status !== 'failed' || stopped) return;
    result.failed.push(test);
    if (options.stopAtFirst) {
      stopped = true;
      endGroup(child);
    }
  };
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  const events = child.stdio[3];
  if (isReadable(events)) for await (const line of linesOf(events)) take(line);
  const code = await ended;
  clearTimeout(watchdog);
  running.delete(child);
  if (stopped || silent) tree.killLeftovers();
  if (stopped) return result;
  if (silent || code === null || code > 1) {
    if (underWay) result.hangsIn = underWay;
    else result.broken ??= silent ? 'jest went silent' : `jest ended with ${code ?? 'a signal'}`;
  } else if (code === 1 && result.failed.length === 0) {
    result.broken ??= 'jest failed without a failed test';
  }
  return result;
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'pipe' in stream && 'read' in stream;
}

/** Lines of UTF-8, by line feeds alone: names of tests hold other line separators. */
async function* linesOf(stream: Readable): AsyncIterable<string> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const text of stream) {
    const lines = (rest + String(text)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
