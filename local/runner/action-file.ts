import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { evaluate, type Contexts } from './expression.ts';

export interface ActionInput {
  name: string;
  /** As written in action.yml, expressions included; empty when there is none. */
  default: string;
  deprecationMessage?: string;
}

/** What the runner takes from an action.yml. */
export interface ActionFile {
  name: string;
  inputs: readonly ActionInput[];
  /** Names of the declared outputs. */
  outputs: readonly string[];
  /** Absolute paths of the entries. */
  main: string;
  post: string | undefined;
}

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Reads `action.yml` (or `action.yaml`) of a folder. `using` must be `node24`: the runner also maps
 * older ones, but an action of today declares that, and the tests run on it.
 *
 * @throws if the file is missing, is no JavaScript action, or names an entry that does not exist.
 */
export function readActionFile(folder: string): ActionFile {
  const file = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find(existsSync);
  if (file === undefined) throw new Error(`Can't find 'action.yml' or 'action.yaml' in ${folder}`);
  const root = mapping(parse(readFileSync(file, 'utf8')), 'action.yml');
  const runs = mapping(root['runs'], 'runs');
  const using = scalar(runs['using'], 'runs.using');
  if (using !== 'node24') throw new Error(`'using: ${using}' is not supported, use 'node24'`);
  for (const key of ['pre', 'pre-if']) {
    if (runs[key] !== undefined) throw new Error(`'${key}' is left out of this fake of the runner`);
  }
  const postIf = scalar(runs['post-if'] ?? 'always()', 'runs.post-if');
  if (postIf !== 'always()') throw new Error(`'post-if: ${postIf}': this fake knows 'always()'`);
  return {
    name: scalar(root['name'], 'name'),
    inputs: Object.entries(optionalMapping(root['inputs'], 'inputs')).map(input),
    outputs: Object.keys(optionalMapping(root['outputs'], 'outputs')),
    main: entry(folder, scalar(runs['main'], 'runs.main')),
    post: runs['post'] === undefined ? undefined : entry(folder, scalar(runs['post'], 'runs.post')),
  };
}

function input([name, body]: [string, unknown]): ActionInput {
  const fields = optionalMapping(body, `inputs.${name}`);
  const deprecated = fields['deprecationMessage'];
  return {
    name,
    default: scalar(fields['default'], `inputs.${name}.default`),
    ...(deprecated === undefined ? {} : { deprecationMessage: scalar(deprecated, name) }),
  };
}

function entry(folder: string, path: string): string {
  const file = join(folder, path);
  if (path === '' || !existsSync(file)) throw new Error(`File not found: '${file}'`);
  return file;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapping(value: unknown, what: string): Mapping {
  if (!isMapping(value)) throw new Error(`${what}: a mapping was expected`);
  return value;
}

function optionalMapping(value: unknown, what: string): Mapping {
  return mapping(value ?? {}, what);
}

/** A scalar as the text that the runner makes of it. */
function scalar(value: unknown, what: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${what}: a scalar was expected`);
}

/** The inputs of a step, and what the runner warns of before the action starts. */
export interface StepInputs {
  /** Every input that was given or declared: those given first, then the defaults of the others. */
  values: ReadonlyMap<string, string>;
  warnings: readonly string[];
}

/** The contexts that a default may use: not `vars`, `secrets`, `env`, `inputs`. (action_yaml.json) */
const defaultContexts = new Set(['github', 'strategy', 'matrix', 'job', 'runner']);

/**
 * The given inputs, completed by the defaults of action.yml. An input that is given, even empty,
 * keeps its value; names are compared without case; `required` is not enforced. Undeclared inputs
 * reach the action too, with a warning. (actions/runner, ActionRunner.cs, RunAsync)
 *
 * @throws if the expression of a default cannot be evaluated.
 */
export function stepInputs(
  action: ActionFile,
  given: Readonly<Record<string, string>>,
  contexts: Contexts,
): StepInputs {
  const allowed = Object.fromEntries(
    Object.entries(contexts).filter(([name]) => defaultContexts.has(name)),
  );
  const values = new Map(Object.entries(given));
  const givenNames = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const declared = new Set(action.inputs.map(({ name }) => name.toLowerCase()));
  const warnings: string[] = [];
  for (const { name, default: fallback, deprecationMessage } of action.inputs) {
    if (!givenNames.has(name.toLowerCase())) {
      values.set(name, evaluateDefault(name, fallback, allowed));
    } else if (deprecationMessage !== undefined) {
      warnings.push(`Input '${name}' has been deprecated with message: ${deprecationMessage}`);
    }
  }
  const unexpected = Object.keys(given).filter((name) => !declared.has(name.toLowerCase()));
  if (unexpected.length > 0) {
    const valid = action.inputs.map(({ name }) => name);
    warnings.push(
      `Unexpected input(s) '${unexpected.join("', '")}', valid inputs are ['${valid.join("', '")}']`,
    );
  }
  return { values, warnings };
}

function evaluateDefault(name: string, text: string, contexts: Contexts): string {
  try {
    return evaluate(text, contexts);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The default of input '${name}': ${why}`, { cause });
  }
}
