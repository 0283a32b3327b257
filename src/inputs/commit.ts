import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventPayload } from './event.ts';
import { objectAt, textAt } from '../http/json.ts';
import { runsForeignCode } from './untrusted.ts';

const shaForm = /^[0-9a-f]{40,64}$/;
/** Bytes; a file of git's that is larger is not read. */
const largest = 16 * 1024 * 1024;

/**
 * The commit of this run whose files stand in the checkout: GITHUB_SHA, or the head of the pull request, to
 * which its check run belongs. `undefined` where another one is checked out or may be, so that a line of it
 * must neither be annotated nor linked to. What git does not tell (no `.git` at the root, since actions/checkout
 * loads an archive where there is no git; refs in another format) is taken to be as usual. '' off GitHub.
 * Source: GitHub Docs, "Variables" (GITHUB_SHA) and "Events that trigger workflows"; git, gitrepository-layout.
 */
export function checkedOutCommit(env: (name: string) => string): string | undefined {
  if (runsForeignCode(env)) return undefined;
  const sha = env('GITHUB_SHA');
  const head = checkedOutHead(env('GITHUB_WORKSPACE') || '.');
  if (sha === '' || head === undefined || head === sha) return sha;
  return env('GITHUB_EVENT_NAME') === 'pull_request' && head === pullRequestHead(env)
    ? head
    : undefined;
}

/** True for a file (with `/` between its folders) that lies in a submodule, or in a checkout within the checkout. */
export function isOfOtherRepository(checkout: string, file: string): boolean {
  const folders = file.split('/').slice(0, -1);
  return folders.some((_, at) => existsSync(join(checkout, ...folders.slice(0, at + 1), '.git')));
}

function pullRequestHead(env: (name: string) => string): string | undefined {
  const payload = eventPayload(env('GITHUB_EVENT_PATH'));
  return textAt(objectAt(objectAt(payload, 'pull_request'), 'head'), 'sha');
}

/** The commit that HEAD of a checkout stands for, without running git, whose settings a checkout may bring. */
export function checkedOutHead(checkout: string): string | undefined {
  const git = join(checkout, '.git');
  const head = textOf(join(git, 'HEAD'));
  const ref = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  if (ref === undefined) return shaForm.test(head) ? head : undefined;
  const loose = ref.includes('..') ? '' : textOf(join(git, ref));
  const packed = textOf(join(git, 'packed-refs'))
    .split('\n')
    .find((line) => line.endsWith(` ${ref}`));
  return [loose, packed?.split(' ')[0] ?? ''].find((text) => shaForm.test(text));
}

function textOf(path: string): string {
  try {
    return statSync(path).size > largest ? '' : readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
