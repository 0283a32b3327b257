import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LocalFabric } from '../fabric.ts';
import type { GithubContext } from '../runner/environment.ts';
import { renderSummary } from '../runner/render-summary.ts';
import { LogRenderer, coloursWanted } from '../runner/render.ts';
import type { Annotation } from '../runner/step-log.ts';
import { startStep, type StepResult } from '../runner/step.ts';

export interface DemoStep {
  name: string;
  /** The folder that stands for the checkout. Absent: one of its own, into which `source` is copied as `file`. */
  checkout?: string;
  /** The job's file on this machine. */
  source?: string;
  /** Path of the job in the checkout. */
  file: string;
  args: readonly string[];
  /** Further inputs of the action. */
  inputs?: Readonly<Record<string, string>>;
  /** Over the context of a push, such as the commit that is checked out. */
  github?: GithubContext;
  /** Sign in with the client secret instead of OIDC. */
  secret?: boolean;
  fabric: Pick<LocalFabric, 'env' | 'inputs' | 'clientSecret'>;
  /** Folder of the action. */
  action: string;
  /** For the runner's own files, and for a checkout where none is given. */
  folder: string;
  onStart: (cancel: () => void) => void;
}

export interface DemoResult {
  green: boolean;
  outputs: Readonly<Record<string, string>>;
  /** The text of the error annotation; '' when there is none. */
  error: string;
  /** `path:line` of the checkout that the annotation stands on; '' when it stands on none. */
  errorLine: string;
}

const width = 78;

export function title(text: string): string {
  return `\n━━ ${text} ${'━'.repeat(Math.max(2, width - text.length))}`;
}

/** Runs one step of a workflow as the runner does and shows what its log, outputs and summary show. */
export async function runStep(step: DemoStep): Promise<DemoResult> {
  const { fabric } = step;
  const workspace = step.checkout ?? join(step.folder, 'checkout');
  if (step.source !== undefined) {
    mkdirSync(join(workspace, dirname(step.file)), { recursive: true });
    cpSync(step.source, join(workspace, step.file));
  }
  console.log(title(step.name));
  const renderer = new LogRenderer({ colours: coloursWanted(process.stdout, process.env) });
  const { NODE_EXTRA_CA_CERTS: certificate = '', ...oidc } = fabric.env;
  const handle = startStep({
    action: step.action,
    workspace,
    tempFolder: join(step.folder, 'temp'),
    inputs: {
      workspace: 'analytics',
      lakehouse: 'orders',
      file: step.file,
      args: JSON.stringify(step.args),
      'timeout-minutes': '10',
      ...step.inputs,
      ...fabric.inputs,
      ...(step.secret ? { 'client-secret': fabric.clientSecret } : {}),
    },
    runtime: { NODE_EXTRA_CA_CERTS: certificate, ...(step.secret ? {} : oidc) },
    ...(step.github ? { github: step.github } : {}),
    secrets: step.secret ? [fabric.clientSecret] : [],
    onLine: (line) => {
      const shown = renderer.line(line);
      if (shown !== undefined) console.log(shown);
    },
  });
  step.onStart(() => handle.cancel());
  const result = await handle.done;
  const error = result.annotations.find(({ level }) => level === 'error');
  const errorLine = error?.file === undefined ? '' : `${error.file}:${error.line ?? ''}`;
  showResult(result);
  if (errorLine !== '') showAnnotation(workspace, error);
  return {
    green: result.conclusion === 'success' && result.post?.conclusion !== 'failure',
    outputs: result.outputs,
    error: error?.message ?? '',
    errorLine,
  };
}

/** The line as the pull request shows it, with the annotation below it. */
function showAnnotation(workspace: string, annotation: Annotation | undefined): void {
  const { file = '', line = 0, title: heading = '', message = '' } = annotation ?? {};
  const source = readFileSync(join(workspace, file), 'utf8').split('\n')[line - 1] ?? '';
  console.log(`── Annotation on ${file}:${line}`);
  console.log(`   ${line} │ ${source}`);
  for (const text of [heading, ...message.split('\n')]) console.log(`   ✘ ${text}`);
}

function showResult(result: StepResult): void {
  console.log(
    `\n── Step: ${result.conclusion === 'success' ? '✔ green' : `✘ red (${result.conclusion})`}`,
  );
  console.log('── Outputs');
  for (const [name, value] of Object.entries(result.outputs)) console.log(`   ${name}: ${value}`);
  if (result.summary === undefined) return;
  console.log('── Summary');
  for (const line of renderSummary(result.summary)) console.log(`   ${line}`);
}
