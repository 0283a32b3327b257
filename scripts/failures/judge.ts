import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readInputs } from '../../src/inputs.ts';
import { causePlace } from '../../src/job/cause-place.ts';
import { batchStatus } from '../../src/livy/status.ts';
import { LineDecoder } from '../../src/log/decoder.ts';
import { joined, textsOf } from '../../src/log/shown-lines.ts';
import type { CheckoutLine, RootCause } from '../../src/report/facts.ts';
import { rootCause } from '../../src/report/root-cause.ts';
import { isBesideCheckout, type FailureCase, type Logs } from './cases.ts';

/** What was found, beside what was expected. */
export interface Judgement {
  one: FailureCase;
  found: Pick<RootCause, 'title' | 'place'> | undefined;
  causeHolds: boolean;
  placeHolds: boolean;
}

/** The lines that the action keeps of a log. */
function tailOf(log = ''): readonly string[] {
  const decoder = new LineDecoder();
  return textsOf(joined([decoder.push(Buffer.from(log)), decoder.end()])).slice(-4_000);
}

/** Finds the cause in logs, as the action does when a batch has failed. */
export function judgeLogs(one: FailureCase, logs: Logs): Judgement {
  const [stdout, stderr, livy] = [logs['stdout.log'], logs['stderr.log'], logs['livy.log']];
  const driver = stdout !== undefined || stderr !== undefined;
  const evidence = {
    stdout: tailOf(stdout),
    // Without a log of the driver spark-submit's own stands in for stderr.
    stderr: tailOf(driver ? stderr : livy),
    messages: batchStatus({ errorInfo: one.errorInfo }).messages,
  };
  let finding = rootCause(evidence);
  if (finding?.sure !== true && driver && livy !== undefined)
    finding = rootCause({ ...evidence, submit: tailOf(livy) });
  if (!finding) return judged(one, undefined);
  const folder = mkdtempSync(join(tmpdir(), 'failure-'));
  try {
    copyCheckout(one, folder);
    const main = join(folder, one.file);
    if (one.scala !== undefined && !existsSync(main)) writeFileSync(main, '');
    const { job } = readInputs(sourceOf(one, folder));
    return judged(one, { ...finding.cause, place: causePlace(finding, job, folder) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function copyCheckout(one: FailureCase, target: string): void {
  const beside = (path: string): boolean =>
    dirname(path) === one.folder && isBesideCheckout(path.slice(one.folder.length + 1));
  cpSync(one.folder, target, { recursive: true, filter: (path) => !beside(path) });
}

function sourceOf(one: FailureCase, workspace: string): Parameters<typeof readInputs>[0] {
  const given: Readonly<Record<string, string>> = {
    ...{ workspace: 'analytics', lakehouse: 'orders', file: one.file },
    ...{ 'tenant-id': 'example.com', 'client-id': 'b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d65' },
    ...{ 'client-secret': 'not one', ...one.inputs },
  };
  return {
    input: (name) => given[name] ?? '',
    env: (name) => (name === 'GITHUB_WORKSPACE' ? workspace : undefined),
  };
}

/** Holds a title and a place against what is expected. */
export function judged(one: FailureCase, found: Judgement['found']): Judgement {
  return {
    one,
    found,
    causeHolds: found !== undefined && fits(one, found.title),
    placeHolds: samePlace(one.place, found?.place ?? null),
  };
}

function fits({ cause: expected, causeStartsWith }: FailureCase, title: string): boolean {
  if (causeStartsWith === true) return title.startsWith(expected);
  const pattern = /^\/(.*)\/$/s.exec(expected)?.[1];
  return pattern === undefined ? expected === title : new RegExp(pattern, 'u').test(title);
}

function samePlace(expected: CheckoutLine | null, found: CheckoutLine | null): boolean {
  return expected?.file === found?.file && expected?.line === found?.line;
}
