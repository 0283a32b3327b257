import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { InputSource } from '../../../src/inputs/reader.ts';
import { StepError } from '../../../src/errors.ts';
import { readInputs, type Inputs } from '../../../src/inputs.ts';

export const tenantId = '11111111-2222-3333-4444-555555555555';
export const clientId = '66666666-7777-8888-9999-aaaaaaaaaaaa';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The defaults of action.yml, which the runner fills in; expressions as they stand. */
function defaults(): Record<string, string> {
  const action: unknown = parse(
    readFileSync(new URL('../../../action.yml', import.meta.url), 'utf8'),
  );
  const found: Record<string, string> = {};
  if (!isRecord(action) || !isRecord(action['inputs']))
    throw new Error('action.yml has no inputs.');
  for (const [name, input] of Object.entries(action['inputs']))
    if (isRecord(input)) found[name] = typeof input['default'] === 'string' ? input['default'] : '';
  return found;
}

export const actionDefaults: Readonly<Record<string, string>> = defaults();
export const inputNames: readonly string[] = Object.keys(actionDefaults);

const given = {
  workspace: 'my workspace',
  lakehouse: 'lake',
  file: 'Files/jobs/job.py',
  'client-secret': 's3cr3t-value-of-a-client',
  'run-key': 'job/step/null/0',
  'job-total': '1',
};

/** Inputs and environment of a step that is right, with changes. '' takes one away. */
export function source(
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = {},
): InputSource {
  const all: Record<string, string> = { ...actionDefaults, ...given, ...inputs };
  const environment: Record<string, string | undefined> = {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    GITHUB_WORKSPACE: process.cwd(),
    GITHUB_REPOSITORY: 'owner/repo',
    GITHUB_WORKFLOW: 'nightly',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_SERVER_URL: 'https://github.com',
    ...env,
  };
  return { input: (name) => all[name] ?? '', env: (name) => environment[name] };
}

export function reading(
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = {},
): Inputs {
  return readInputs(source(inputs, env));
}

/** The error that inputs end in. */
export function refusalOf(
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = {},
): StepError {
  try {
    reading(inputs, env);
  } catch (thrown) {
    if (thrown instanceof StepError) return thrown;
    throw thrown;
  }
  throw new Error(`These inputs were taken: ${JSON.stringify(inputs)}`);
}

/** Everything that a user is shown of an error. */
export function told(error: StepError): string {
  return `${error.message}\n${error.advice ?? ''}`;
}
