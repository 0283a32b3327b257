import { isObject, listAt, numberAt, objectAt, textAt, type JsonObject } from '../http/json.ts';

/** The pull request that a workflow run is about. */
export interface PullRequest {
  number: number;
  /** The commit that the run is about, where the event tells it. */
  headSha: string | undefined;
  /** Of another repository, or of one that the event does not name. */
  fork: boolean;
}

/**
 * The pull request of an event's payload: that of `pull_request`, `pull_request_target` and the
 * reviews; the issue of `issue_comment`, where it is one; the only one that `workflow_run` names (none
 * for a fork). Source: GitHub docs, "Webhook events and payloads".
 */
export function pullRequestOf(payload: unknown, repository: string): PullRequest | undefined {
  const named = objectAt(payload, 'pull_request');
  if (named) return pullRequest(named, repository);
  const issue = objectAt(payload, 'issue');
  if (issue && isObject(issue['pull_request'])) {
    const number = wholeNumber(issue);
    return number === undefined ? undefined : { number, headSha: undefined, fork: false };
  }
  const run = objectAt(payload, 'workflow_run');
  const [only, ...more] = listAt(run, 'pull_requests');
  const number = more.length === 0 && isObject(only) ? wholeNumber(only) : undefined;
  return number === undefined
    ? undefined
    : { number, headSha: commit(textAt(run, 'head_sha')), fork: false };
}

function pullRequest(named: JsonObject, repository: string): PullRequest | undefined {
  const number = wholeNumber(named);
  if (number === undefined) return undefined;
  const head = objectAt(named, 'head');
  const from = textAt(objectAt(head, 'repo'), 'full_name');
  return {
    number,
    headSha: commit(textAt(head, 'sha')),
    fork: from?.toLowerCase() !== repository.toLowerCase(),
  };
}

function wholeNumber(object: JsonObject): number | undefined {
  const number = numberAt(object, 'number');
  return number !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

function commit(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{7,64}$/.test(text) ? text : undefined;
}
