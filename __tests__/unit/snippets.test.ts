import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { described } from '../../scripts/readme.ts';
import { actionSteps, snippets, type ActionStep } from '../../scripts/snippets.ts';
import { StepError } from '../../src/errors.ts';
import { readInputs } from '../../src/inputs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const names = (file: string, key: 'inputs' | 'outputs'): string[] =>
  described(text(file), key).map(({ name }) => name);
const declared = (file: string) => ({
  inputs: names(file, 'inputs'),
  outputs: names(file, 'outputs'),
});
const ours = declared('action.yml');
const local = declared('local/action.yml');

const isOurs = ({ action }: ActionStep): boolean =>
  action === 'fabric-spark-batch/fabric-spark-batch' || action === './';
const isLocal = ({ action }: ActionStep): boolean =>
  /(^\.|\/fabric-spark-batch)\/local$/.test(action);

/** Everything that somebody may copy: blocks of pages, and whole workflows. */
const found = (patterns: string[]): string[] =>
  globSync(patterns, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
const pages = found(['*.md', 'docs/*.md', 'bench/*.md']);
/** Those under scripts/runner run as they stand, with variables of act's (`npm run test:runner`). */
const workflows = found(['examples/workflows/*.yml', '.github/workflows/*.yml']);
const blocks = [
  ...pages.flatMap((page) =>
    snippets(text(page)).map((block) => ({ at: `${page}:${block.line}`, yaml: block.text })),
  ),
  ...workflows.map((at) => ({ at, yaml: text(at) })),
].map((block) => ({ ...block, steps: actionSteps(block.yaml) }));
const calls = blocks.filter(({ steps }) => steps.some((step) => isOurs(step) || isLocal(step)));

test('there are calls of the action to look at, in pages and in workflows', () => {
  expect(calls.filter(({ at }) => at.startsWith('README.md')).length).toBeGreaterThan(1);
  expect(calls.filter(({ at }) => at.startsWith('docs/')).length).toBeGreaterThan(5);
  expect(calls.filter(({ at }) => at.startsWith('examples/'))).toHaveLength(4);
});

describe.each(calls)('$at', ({ yaml, steps }) => {
  test('names inputs that are there', () => {
    for (const step of steps.filter((one) => isOurs(one) || isLocal(one))) {
      const { inputs } = isOurs(step) ? ours : local;
      expect(inputs).toEqual(expect.arrayContaining(Object.keys(step.with)));
    }
  });

  test('gives them values that the action takes', () => {
    const whole = /^jobs:/m.test(yaml);
    const cut = yaml.includes('# …');
    const known = !whole || cut || steps.some(isLocal) || yaml.includes('AZURE_TENANT_ID');
    for (const step of steps.filter(isOurs)) {
      if (Object.keys(step.with).length === 0) continue;
      expect(problemsOf(step.with, { known, cut })).toBe('none');
    }
  });

  test('reads outputs that are there', () => {
    for (const [, id, output = ''] of yaml.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)) {
      const step = steps.find((one) => one.id === id);
      if (step && isOurs(step)) expect(ours.outputs).toContain(output);
      if (step && isLocal(step)) expect(local.outputs).toContain(output);
    }
  });

  test('gives its jobs the permissions that they need', () => {
    for (const { job, permissions } of jobsOf(yaml)) {
      const here = actionSteps(job);
      const onFabric = here.filter((one) => isOurs(one) && !('livy-url' in one.with));
      const signsIn = onFabric.filter((one) => !('client-secret' in one.with));
      const needs = [
        ...(signsIn.length > 0 && !here.some(isLocal) ? ['id-token: write'] : []),
        ...(onFabric.some((one) => (one.with['comment'] ?? 'never') !== 'never')
          ? ['pull-requests: write']
          : []),
        ...(onFabric.some((one) => one.with['operation'] === 'sweep') ? ['actions: read'] : []),
        ...(here.some(({ action }) => action === 'actions/checkout') ? ['contents: read'] : []),
      ];
      expect(permissions).toEqual(expect.arrayContaining(needs));
    }
  });
});

test.each(pages)('%s names outputs of its steps in words as well', (page) => {
  for (const [, output = ''] of text(page).matchAll(/steps\.(?:batch|clean)\.outputs\.([\w-]+)/g))
    expect(ours.outputs).toContain(output);
});

/** Words before a colon in the prose of pages that are GitHub's, another action's, or a service's. */
const notOurs = new Set([
  ...['permissions', 'id-token', 'contents', 'actions', 'pull-requests', 'uses', 'run', 'if'],
  ...['environment', 'queue', 'cancel-in-progress', 'persist-credentials', 'auth-type', 'until'],
]);

test.each(pages)('%s says in words only what inputs take', (page) => {
  for (const [, name = '', value = ''] of text(page).matchAll(/`([a-z][a-z-]+): ([^`\n]+)`/g)) {
    if (notOurs.has(name)) continue;
    expect(ours.inputs).toContain(name);
    const complete = { workspace: 'w', lakehouse: 'l', file: 'Files/job.py', [name]: value };
    expect(problemsOf(complete, { known: true, cut: false })).not.toContain(`${name} must`);
  }
});

/** The jobs of a whole workflow; none of a part of one. A job without permissions has the workflow's. */
function jobsOf(yaml: string): { job: string; permissions: string[] }[] {
  const parsed = record(parse(yaml));
  return Object.values(record(parsed['jobs'])).flatMap((job) => {
    const rights = Object.entries(record(record(job)['permissions'] ?? parsed['permissions']));
    const permissions = rights.map(([what, how]) => `${what}: ${String(how)}`);
    return [{ job: JSON.stringify(job), permissions }];
  });
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {};
}

let checkout = '';
beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'snippets-'));
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const id = '11111111-2222-3333-4444-555555555555';
const ids = ['tenant-id', 'client-id', 'batch-id'];
const freeText = [
  'workspace',
  'lakehouse',
  'args',
  'run-key',
  'name',
  'client-secret',
  'github-token',
];

/** What the action says of such inputs, in a checkout that has the files that they name. */
function problemsOf(
  given: Readonly<Record<string, string>>,
  { known, cut }: { known: boolean; cut: boolean },
): string {
  // An expression stands for a value that is right, where any text is; else it is left out.
  const values = new Map(
    Object.entries(given).flatMap(([name, value]) => {
      if (!value.includes('${{')) return [[name, value] as const];
      if (ids.includes(name)) return [[name, id] as const];
      if (name === 'file') return [[name, 'Files/job.py'] as const];
      const filled = value.replaceAll(/\$\{\{.*?\}\}/g, 'x');
      return freeText.includes(name) ? [[name, filled] as const] : [];
    }),
  );
  const required = cut ? ['workspace', 'lakehouse', 'file'] : [];
  for (const name of required) if (!values.has(name)) values.set(name, 'Files/job.py');
  if (!values.has('github-token')) values.set('github-token', 'token');
  for (const name of ['file', 'py-files', 'jars', 'files', 'archives'])
    for (const line of (values.get(name) ?? '').split('\n')) provide(line.trim());
  const env: Record<string, string> = {
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://127.0.0.1/',
    GITHUB_WORKSPACE: checkout,
    ...(known ? { AZURE_TENANT_ID: id, AZURE_CLIENT_ID: id } : {}),
  };
  try {
    readInputs({ input: (name) => values.get(name) ?? '', env: (name) => env[name] });
    return 'none';
  } catch (thrown) {
    if (thrown instanceof StepError) return thrown.message;
    throw thrown;
  }
}

/** Puts a file or, without an ending, a folder of Python code into the checkout. */
function provide(path: string): void {
  if (path === '' || /^(?:Files\/|[a-z]+:)/.test(path)) return;
  const plain = path.replace(/#.*$/, '').replaceAll('*', 'any');
  const file = join(checkout, /\.\w+$/.test(plain) ? plain : join(plain, 'module.py'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'pass\n');
}
