import { within } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { GitHubRefusal } from '../../github/api.ts';
import { PullRequestComments } from '../../github/comments.ts';
import { eventPayload } from '../../inputs/event.ts';
import { pullRequestOf, type PullRequest } from '../../github/pull-request.ts';
import { commentBody, isCommentOf, type CommentOf } from '../../report/comment.ts';
import type { Step } from '../step.ts';
import { rowOf, shortHash } from './row.ts';
import { Writing, type Thread } from './writing.ts';

/** How long after the verdict the comment may hold the step, in milliseconds. */
const patience = 30_000;
/** So much of it is left for the last look. */
const lastLook = 3_000;

/**
 * Brings the row of this call into the pull-request comment of its workflow. Whatever goes wrong is a
 * notice (the token may only read) or a warning, never the verdict (rule 3). After a signal nothing is
 * written: what is under way then is given up.
 */
export async function writeComment(step: Step, green: boolean): Promise<void> {
  const { runner } = step.world;
  if (step.inputs.dryRun) {
    runner.info('No comment: a dry run runs no batch.');
    return;
  }
  const pullRequest = pullRequestOf(
    eventPayload(runner.env('GITHUB_EVENT_PATH') ?? ''),
    runner.env('GITHUB_REPOSITORY') ?? '',
  );
  if (!pullRequest) {
    const event = runner.env('GITHUB_EVENT_NAME') ?? '';
    runner.info(`No comment: the event ${event || 'of this run'} names no pull request.`);
    return;
  }
  try {
    const outcome = await write(step, green, pullRequest);
    if (outcome === 'written') runner.info(`Comment:     pull request #${pullRequest.number}`);
    if (outcome === 'late' && !step.interrupt.raised)
      runner.warning(unwritten(pullRequest, `it took longer than ${patience / 1_000} s`));
  } catch (thrown) {
    if (step.interrupt.raised) return;
    // What the token may not see does not exist for it.
    if (thrown instanceof GitHubRefusal && ['forbidden', 'missing'].includes(thrown.kind))
      tellForbidden(step, pullRequest, thrown);
    else runner.warning(unwritten(pullRequest, messageOf(thrown)));
  }
}

async function write(
  step: Step,
  green: boolean,
  pullRequest: PullRequest,
): Promise<'written' | 'nothing' | 'late'> {
  const { world, inputs, services, facts, interrupt } = step;
  const { runner, clock, random } = world;
  const env = (name: string): string => runner.env(name) ?? '';
  const of = workflowOf(env);
  const row = rowOf(facts, inputs, {
    runId: env('GITHUB_RUN_ID'),
    attempt: env('GITHUB_RUN_ATTEMPT'),
    headSha: pullRequest.headSha,
    now: clock.now(),
    green,
    clean: services.hide,
  });
  const comments = new PullRequestComments({
    http: services.http,
    clock,
    apiUrl: env('GITHUB_API_URL'),
    graphqlUrl: env('GITHUB_GRAPHQL_URL'),
    token: inputs.githubToken ?? '',
    repository: env('GITHUB_REPOSITORY'),
    pullRequest: pullRequest.number,
  });
  const outcome = await within(
    clock,
    patience,
    (signal) =>
      new Writing({
        thread: threadOf(comments, of),
        clock,
        random,
        row,
        body: (state) => commentBody(state, of),
        creates: inputs.comment === 'always' || !green,
        until: clock.now() + patience - lastLook,
        signal,
        onUnreadable: () => runner.notice(unreadable),
      }).run(),
    interrupt.signal,
  );
  return outcome ?? 'late';
}

const unreadable =
  'The data in the pull-request comment could not be read (was it edited?): it starts anew with this call. GitHub keeps the former text under "edited".';

function threadOf(comments: PullRequestComments, { id }: CommentOf): Thread {
  return {
    read: (signal) => comments.own((body) => isCommentOf(id, body), signal),
    one: (comment, signal) => comments.one(comment, signal),
    create: (body, signal) => comments.create(body, signal),
    update: (comment, body, signal) => comments.update(comment, body, signal),
    remove: (comment, signal) => comments.remove(comment, signal),
  };
}

/** A workflow is told by its file; `GITHUB_WORKFLOW_REF` names it, before the `@` of its ref. */
function workflowOf(env: (name: string) => string): CommentOf {
  const [server, repository] = [env('GITHUB_SERVER_URL'), env('GITHUB_REPOSITORY')];
  const file = env('GITHUB_WORKFLOW_REF').split('@')[0] ?? '';
  const workflow = env('GITHUB_WORKFLOW');
  return {
    id: shortHash(JSON.stringify([server, repository.toLowerCase(), file || workflow])),
    workflow: workflow || 'this workflow',
    runsUrl: `${server}/${repository}/actions/runs`,
  };
}

function tellForbidden(step: Step, pullRequest: PullRequest, refusal: GitHubRefusal): void {
  const { runner } = step.world;
  const rest = 'The job summary holds everything.';
  const why = refusal.message;
  if (runner.env('GITHUB_ACTOR') === 'dependabot[bot]')
    runner.notice(
      `No comment on pull request #${pullRequest.number}: the token of a run that Dependabot started can only read, unless the job has \`permissions: pull-requests: write\` (${why}). ${rest}`,
    );
  else if (pullRequest.fork)
    runner.notice(
      `No comment on pull request #${pullRequest.number}: it comes from a fork, whose runs get a token that can only read, whatever \`permissions\` say (${why}). ${rest}`,
    );
  else
    runner.warning(
      `No comment on pull request #${pullRequest.number}: github-token may not write it (${why}). Give the job \`permissions: pull-requests: write\`. ${rest}`,
    );
}

function unwritten({ number }: PullRequest, why: string): string {
  return `The comment on pull request #${number} may lack this call: ${why.replace(/\s+/g, ' ')}. The job summary holds everything.`;
}
