import { eventPayload } from './event.ts';
import { objectAt, textAt, isObject } from '../http/json.ts';

/** They run with the repository's own rights, and GITHUB_SHA is not the code that set them off. */
const foreign: ReadonlySet<string> = new Set([
  'pull_request_target',
  'workflow_run',
  'issue_comment',
]);

/** True under an event whose run may have checked out other code than that of GITHUB_SHA. */
export function runsForeignCode(env: (name: string) => string): boolean {
  return foreign.has(env('GITHUB_EVENT_NAME').toLowerCase());
}

/**
 * Whose code this run may hold, under the events that run with the repository's own rights for
 * something that another repository's pull request set off (rule 8). Gives what is wrong, or
 * `undefined` when the head is known to be of this repository, or the event is another one.
 * Source: GitHub Docs, "Events that trigger workflows", and GitHub Security Lab, "Preventing pwn requests".
 */
export function untrustedHead(env: (name: string) => string): string | undefined {
  if (!runsForeignCode(env)) return undefined;
  const event = env('GITHUB_EVENT_NAME').toLowerCase();
  const payload = eventPayload(env('GITHUB_EVENT_PATH'));
  // A comment on an issue that is no pull request has no head: the code is the default branch's.
  const issue = objectAt(payload, 'issue');
  if (event === 'issue_comment' && issue && !isObject(issue['pull_request'])) return undefined;
  const head = headRepository(event, payload);
  if (head?.toLowerCase() === env('GITHUB_REPOSITORY').toLowerCase()) return undefined;
  const whose = head === undefined ? 'a repository that the event does not name' : head;
  return `The event ${event} runs with the rights of this repository, and the head of the pull request is of ${whose}.`;
}

function headRepository(event: string, payload: unknown): string | undefined {
  if (event === 'pull_request_target')
    return textAt(
      objectAt(objectAt(objectAt(payload, 'pull_request'), 'head'), 'repo'),
      'full_name',
    );
  if (event === 'workflow_run')
    return textAt(objectAt(objectAt(payload, 'workflow_run'), 'head_repository'), 'full_name');
  // The payload of a comment does not tell the head of its pull request.
  return undefined;
}
