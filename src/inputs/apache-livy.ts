import { lines, quote, type Parsed } from './forms.ts';
import type { ListedFile, ListInput } from './job-files.ts';
import type { JobFiles } from './job-inputs.ts';
import type { Reader } from './reader.ts';

/** The address of an Apache Livy: http or https, a path where it stands behind a proxy. */
export function parseLivyUrl(text: string): Parsed<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    return { problem: `must be a URL such as http://host:8998, not ${quote(text)}` };
  // Not quoted: it may hold a password.
  if (url.username || url.password)
    return { problem: 'must hold no user and no password: it is for a server without a sign-in' };
  if (url.search || url.hash) return { problem: 'must hold no query and no fragment' };
  return { value: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}

const ofLakehouse = 'it names what only Fabric has';
const ofSignIn = 'no sign-in takes place there';
const ofUpload = 'nothing is uploaded';

/** Inputs without a meaning there: why, and the default of action.yml, which counts as not given. */
export const withoutMeaning: Readonly<Record<string, readonly [why: string, unset?: string]>> = {
  workspace: [ofLakehouse],
  lakehouse: [ofLakehouse],
  environment: [ofLakehouse],
  'tenant-id': [ofSignIn],
  'client-id': [ofSignIn],
  'client-secret': [ofSignIn],
  audience: [ofSignIn, 'api://AzureADTokenExchange'],
  'authority-host': [ofSignIn],
  'fabric-scope': [ofSignIn, 'https://api.fabric.microsoft.com/.default'],
  'onelake-scope': [ofSignIn, 'https://storage.azure.com/.default'],
  'trusted-hosts': ['no token is sent'],
  'fabric-endpoint': [ofLakehouse],
  'onelake-endpoint': [ofLakehouse],
  'portal-url': [ofLakehouse, 'https://app.fabric.microsoft.com'],
  'on-rerun': ['Livy keeps no tags, by which an earlier batch could be known', 'attach-if-running'],
  'upload-path': [ofUpload, 'Files/.github'],
  'keep-upload': [ofUpload, 'false'],
  'output-file': ['it is read from a lakehouse'],
  results: ['they are read from a lakehouse'],
};

/** Tells the reader of every input that is set and has no meaning for an Apache Livy. */
export function checkLivyInputs(reader: Reader): void {
  for (const [name, [why, unset = '']] of Object.entries(withoutMeaning)) {
    const text = reader.text(name);
    if (text !== '' && text.toLowerCase() !== unset.toLowerCase())
      reader.problem(name, `has no meaning with livy-url: ${why}`);
  }
  if (reader.text('operation').toLowerCase() === 'sweep')
    reader.problem('operation', 'sweep has no meaning with livy-url: Livy keeps no tags');
  if (reader.text('logs').toLowerCase() === 'stderr')
    reader.problem('logs', 'stderr has no meaning with livy-url: Livy serves both streams as one');
}

/** Reads `file` and the lists beside it as what the server knows: nothing is looked for in the checkout. */
export function readServerFiles(reader: Reader): JobFiles {
  const main = reader.required('file');
  const listed = (name: ListInput): ListedFile[] =>
    reader.parsed<string[]>(name, parseServerPaths, []).map((uri) => ({ kind: 'uri', uri }));
  if (main !== '') reader.value('file', parseServerPath(main), '');
  return {
    main: { kind: 'uri', uri: main },
    shown: main,
    libraries: {
      'py-files': listed('py-files'),
      jars: listed('jars'),
      files: listed('files'),
      archives: listed('archives'),
    },
    warnings: [],
  };
}

function parseServerPaths(text: string): Parsed<string[]> {
  const paths = lines(text).map((line) => line.trim());
  const problems = paths.flatMap((path) => {
    const parsed = parseServerPath(path);
    return 'problem' in parsed ? [parsed.problem] : [];
  });
  return problems.length > 0 ? { problem: problems.join('; ') } : { value: paths };
}

/** A scheme of one letter is a drive of Windows. */
function parseServerPath(text: string): Parsed<string> {
  if (/^[a-z][a-z0-9+.-]+:/i.test(text) || text.startsWith('/')) return { value: text };
  return {
    problem: `must be a URI or an absolute path that the Livy server knows (nothing is uploaded with livy-url), not ${quote(text)}`,
  };
}
