import type { Listener } from '../listener.ts';
import { refusalOf, say } from './access.ts';
import { serveComments, type CommentApiParts } from './comments.ts';
import type { GitHubSettings, WorkflowRun } from './settings.ts';

interface OfRun {
  Params: { owner: string; repository: string; runId: string };
}

/**
 * GitHub's REST API, as far as a job asks about workflow runs of its own repository and comments on its pull requests. Refuses a
 * request without `User-Agent` with 403, another token than the job's with 401, and says 404 for
 * what it does not know.
 * Sources: GitHub REST API, "Get a workflow run", "User agent required", "Troubleshooting".
 */
export function serveGitHubApi(app: Listener, parts: CommentApiParts): void {
  const { github } = parts;
  serveComments(app, parts);
  app.get<OfRun>(
    `${github.apiPath}/repos/:owner/:repository/actions/runs/:runId`,
    async (request, reply) => {
      const { owner, repository, runId } = request.params;
      const refusal = refusalOf(request, github);
      if (refusal) return say(reply, refusal);
      const own = `${owner}/${repository}`.toLowerCase() === github.repository.toLowerCase();
      const run = own && Object.hasOwn(github.runs, runId) ? github.runs[runId] : undefined;
      return run ? runBody(runId, run, github) : say(reply, { status: 404, message: 'Not Found' });
    },
  );
}

function runBody(
  runId: string,
  { status, conclusion, attempt }: WorkflowRun,
  github: GitHubSettings,
): Record<string, unknown> {
  return {
    id: Number(runId),
    name: github.workflow,
    path: github.workflowFile,
    head_sha: github.sha,
    event: github.eventName,
    status,
    conclusion: conclusion ?? null,
    run_number: Number(github.runNumber),
    run_attempt: attempt ?? 1,
    repository: { id: Number(github.repositoryId), full_name: github.repository },
  };
}
