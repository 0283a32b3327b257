/**
 * `npm run readme`: writes the tables of inputs and outputs in README.md from action.yml, which is the
 * one place where they are described. `__tests__/unit/readme.test.ts` fails where the two differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

/** The page that says more of an input or an output. */
const pages: Readonly<Record<string, string>> = {
  operation: 'docs/reruns-and-hand-over.md',
  'dry-run': '#4-check-it',
  'py-files': '#python-packages',
  environment: '#python-packages',
  wait: 'docs/reruns-and-hand-over.md#submit-in-one-job-wait-in-another',
  'on-rerun': 'docs/reruns-and-hand-over.md#when-a-run-is-run-again',
  'output-file': 'docs/reruns-and-hand-over.md#values-out-of-a-job',
  results: 'docs/test-results.md',
  'cancel-on': 'docs/verdict.md#how-a-step-ends-without-a-verdict',
  summary: 'docs/summary.md',
  annotations: 'docs/root-cause.md',
  comment: 'docs/comment.md',
  'allow-untrusted': 'docs/threat-model.md#authors-of-pull-requests',
  'fabric-endpoint': 'docs/networks.md#other-clouds',
  'livy-url': 'docs/apache-livy.md',
  result: 'docs/verdict.md',
  'error-code': 'docs/errors.md',
};

/** An input or an output of action.yml. */
export interface Described {
  name: string;
  description: string;
  /** As written, expressions included; '' when there is none. */
  default: string;
  /** First line of the comment above it, where a group begins. */
  heading: string | undefined;
}

/** The entries of `inputs` or `outputs` of an action.yml, in their order. */
export function described(actionYml: string, key: 'inputs' | 'outputs'): Described[] {
  const map = parseDocument(actionYml).get(key);
  if (!isMap(map)) throw new Error(`action.yml has no ${key}.`);
  return map.items.map((pair, place) => entry(map, pair, place));
}

function entry(map: YAMLMap, { key, value }: Pair, place: number): Described {
  if (!isScalar(key) || !isMap(value)) throw new Error('An entry of action.yml is no mapping.');
  const text = (name: string): string => {
    const found = value.get(name);
    return typeof found === 'string' ? found : '';
  };
  const comment = key.commentBefore ?? (place === 0 ? map.commentBefore : undefined);
  return {
    name: String(key.value),
    description: text('description').replace(/\s+/g, ' ').trim(),
    default: text('default'),
    heading: comment?.split('\n')[0]?.trim(),
  };
}

/** Sentences of a description that say what an input is that is not given. */
const ofDefault = /^(?:Required|Defaults to)\b/;

/** The cells of an input: what it means, and what holds when it is not given. */
export function cells(input: Described): { meaning: string; fallback: string } {
  const sentences = input.description.split(/(?<=\.) (?=[A-Z`])/);
  const meaning = sentences.filter((sentence) => !ofDefault.test(sentence)).join(' ');
  const said = sentences
    .filter((sentence) => ofDefault.test(sentence))
    .map((sentence) => sentence.replace(/^Defaults to /, '').replace(/\.$/, ''))
    .map((sentence) => sentence.replace(/^Required/, 'required'))
    .join('; ');
  const literal = input.default !== '' && !input.default.includes('${{');
  const written = input.default === '' ? 'none' : `\`${input.default}\``;
  return { meaning, fallback: literal || said === '' ? written : said };
}

/** Groups that few need. */
const folded: ReadonlySet<string> = new Set([
  'Other clouds, or a local Fabric',
  'In place of Fabric',
]);

function inputTables(actionYml: string): string {
  const lines: string[] = [];
  let end: string[] = [];
  for (const input of described(actionYml, 'inputs')) {
    if (input.heading !== undefined) {
      const fold = folded.has(input.heading);
      const heading = fold
        ? `<details><summary><b>${input.heading}</b></summary>`
        : `**${input.heading}**`;
      lines.push(...end, '', heading, '', '| Input | Meaning | Default |', '| --- | --- | --- |');
      end = fold ? ['', '</details>'] : [];
    }
    const { meaning, fallback } = cells(input);
    lines.push(row([`\`${input.name}\``, `${meaning}${more(input.name)}`, fallback]));
  }
  return [...lines, ...end].join('\n').trim();
}

function outputTable(actionYml: string): string {
  const rows = described(actionYml, 'outputs').map(({ name, description }) =>
    row([`\`${name}\``, `${description}${more(name)}`]),
  );
  return ['| Output | What it holds |', '| --- | --- |', ...rows].join('\n');
}

function more(name: string): string {
  const page = pages[name];
  return page === undefined ? '' : ` [More](${page})`;
}

function row(texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}

/**
 * README.md with the tables that action.yml asks for, between its markers `<!-- inputs -->` and
 * `<!-- end of inputs -->`, and those of outputs. Throws where a marker is missing.
 */
export function withTables(readme: string, actionYml: string): string {
  const tables = { inputs: inputTables(actionYml), outputs: outputTable(actionYml) };
  return Object.entries(tables).reduce((page, [key, table]) => {
    const [before, ...rest] = page.split(`<!-- ${key} -->`);
    const [, ...after] = rest.join('').split(`<!-- end of ${key} -->`);
    if (before === undefined || rest.length !== 1 || after.length !== 1)
      throw new Error(
        `README.md has not one place for ${key}, marked <!-- ${key} --> and <!-- end of ${key} -->.`,
      );
    const body = ['<!-- prettier-ignore-start -->', '', table, '', '<!-- prettier-ignore-end -->'];
    return `${before}<!-- ${key} -->\n${body.join('\n')}\n<!-- end of ${key} -->${after.join('')}`;
  }, readme);
}

if (import.meta.main) {
  const file = (name: string): URL => new URL(`../${name}`, import.meta.url);
  const readme = readFileSync(file('README.md'), 'utf8');
  const now = withTables(readme, readFileSync(file('action.yml'), 'utf8'));
  if (now !== readme) writeFileSync(file('README.md'), now);
  console.log(now === readme ? 'README.md is as action.yml says.' : 'README.md is written anew.');
}
