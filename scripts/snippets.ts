/** Workflows in the pages: what a reader copies has to be right. */
import { parse } from 'yaml';

/** A block of YAML in a page. `line`: of its first line, counted from 1. */
export interface Snippet {
  line: number;
  text: string;
}

/** A step that uses an action. `with` as text, as the runner hands it on. */
export interface ActionStep {
  id: string;
  /** Without what follows the `@`. */
  action: string;
  with: Readonly<Record<string, string>>;
}

const fence = /^( *)```ya?ml\n(.*?)^\1```$/gms;

/** The YAML blocks of a page, without the indentation that a list gives them. */
export function snippets(page: string): Snippet[] {
  return [...page.matchAll(fence)].map(({ index, 1: indent = '', 2: text = '' }) => ({
    line: page.slice(0, index).split('\n').length + 1,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** The steps of a workflow, or of a part of one, that use an action. Throws where it is no YAML. */
export function actionSteps(text: string): ActionStep[] {
  return within(parse(text)).flatMap((record) => {
    const uses = record['uses'];
    if (typeof uses !== 'string') return [];
    const given = isRecord(record['with']) ? record['with'] : {};
    const entries = Object.entries(given).map(([name, value]) => [name, scalar(value)] as const);
    const id = scalar(record['id'] ?? '');
    return [{ id, action: uses.replace(/@.*$/, ''), with: Object.fromEntries(entries) }];
  });
}

/** Every mapping in a value, at any depth. */
function within(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => within(item));
  if (!isRecord(value)) return [];
  return [value, ...Object.values(value).flatMap(within)];
}

/**
 * A whole workflow around a snippet, for a checker that takes nothing less; `undefined` where it is
 * none: an `env` alone, a Dependabot file. A snippet that says by `…` that it leaves something out may
 * leave out the runners and the steps of its jobs.
 */
export function asWorkflow({ text }: Snippet): string | undefined {
  const parsed: unknown = parse(text);
  const runner = { 'runs-on': 'ubuntu-latest' };
  const noSteps = { steps: [{ run: 'true' }] };
  if (isList(parsed)) return workflow({}, { snippet: { ...runner, steps: parsed } });
  if (!isRecord(parsed) || 'updates' in parsed) return undefined;
  if (isList(parsed['steps'])) return workflow({}, { snippet: { ...runner, ...parsed } });
  if (isRecord(parsed['jobs'])) {
    const jobs: Record<string, unknown> = {};
    for (const [name, job] of Object.entries(parsed['jobs']))
      jobs[name] = text.includes('# …') && isRecord(job) ? { ...runner, ...noSteps, ...job } : job;
    return workflow(parsed, jobs);
  }
  if (isRecord(parsed['concurrency']))
    return workflow(parsed, { snippet: { ...runner, ...noSteps } });
  return undefined;
}

function workflow(rest: Record<string, unknown>, jobs: Record<string, unknown>): string {
  return JSON.stringify({ on: 'push', ...rest, jobs }, null, 2);
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
