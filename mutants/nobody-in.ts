import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 8: nobody in. */
const hosts = [
  ...mutantsOf('http/hosts.ts', [
    {
      id: 'nobody-in/same-origin',
      breaks: '8: the bearer goes to the hosts named; continuation links elsewhere are refused',
      find: `new URL(link).origin === new URL(base).origin;`,
      replace: `new URL(link).hostname === new URL(base).hostname;`,
    },
    {
      id: 'nobody-in/suffix',
      breaks: '8: the bearer goes to the hosts named or trusted (evilpowerbi.com is none)',
      find: 'hostname.endsWith(`.${suffix}`)',
      replace: 'hostname.endsWith(suffix)',
    },
    {
      id: 'nobody-in/loopback',
      breaks: '8: the bearer goes to the hosts named or trusted (127.0.0.1.evil.com is none)',
      find: `/^127(\\.\\d{1,3}){3}$/`,
      replace: `/^127(\\.\\d{1,3}){3}/`,
    },
    {
      id: 'nobody-in/trusted-hosts',
      breaks: '2, `trusted-hosts`: hosts allowed (each by its whole name)',
      find: `entry.toLowerCase() === hostname ||`,
      replace: `hostname.endsWith(entry.toLowerCase()) ||`,
    },
  ]),
  ...mutantsOf('auth/bearer.ts', [
    {
      id: 'nobody-in/links',
      breaks: '8: continuation links elsewhere are refused',
      find: `if (!sameOrigin(request.url, this.#origin)) {`,
      replace: `if (!sameOrigin(request.url, this.#origin) && request.method !== 'GET') {`,
    },
  ]),
  ...mutantsOf('inputs/endpoints.ts', [
    {
      id: 'nobody-in/https',
      breaks: '2: endpoints: https, http only on loopback',
      find: `url.protocol === 'http:' && isLoopback(url.hostname) && !httpsOnly;`,
      replace: `url.protocol === 'http:' && isTrusted(url, trusted) && !httpsOnly;`,
    },
    {
      id: 'nobody-in/authority-https',
      breaks: '2: endpoints: authority: https always',
      find: `url.protocol === 'http:' && isLoopback(url.hostname) && !httpsOnly;`,
      replace: `url.protocol === 'http:' && isLoopback(url.hostname);`,
    },
    {
      id: 'nobody-in/origin-only',
      breaks: '8: the bearer goes to the hosts named (a user in a URL hides the host)',
      find: `if (url.username || url.password ||`,
      replace: `if (url.password ||`,
    },
    {
      id: 'nobody-in/endpoint-is-trusted',
      breaks: '8: the bearer goes to the hosts … TRUSTED',
      find: `if (!isTrusted(url, trusted)) {`,
      replace: `if (httpsOnly && !isTrusted(url, trusted)) {`,
    },
  ]),
];

const paths = [
  ...mutantsOf('inputs/checkout.ts', [
    {
      id: 'nobody-in/symlinks',
      breaks: '8: local paths are REAL paths inside the checkout: no escaping symlinks',
      find: `const inside = path.relative(root, realPath);`,
      replace: `const inside = path.relative(root, path.resolve(root, text));`,
    },
    {
      id: 'nobody-in/checkout',
      breaks: '8: local paths are real paths INSIDE the checkout',
      find: `segments[0] === '..')`,
      replace: `inside === '..')`,
    },
    {
      id: 'nobody-in/dots-in-a-name',
      breaks: '8: local paths are real paths inside the checkout (`..x` is a name)',
      find: `segments[0] === '..')`,
      replace: `inside.startsWith('..'))`,
    },
    {
      id: 'nobody-in/git',
      breaks: '8: local paths: … never `.git` (of a submodule as well)',
      find: `segments.some(isGitFolder)`,
      replace: `isGitFolder(segments[0] ?? '')`,
    },
    {
      id: 'nobody-in/regular-files',
      breaks: '8: local paths: REGULAR files',
      find: `if (kind !== 'file') return`,
      replace: `if (kind === undefined) return`,
    },
  ]),
  ...mutantsOf('inputs/main-file.ts', [
    {
      id: 'nobody-in/checkout-files-folder',
      breaks: '2, `file`: `./Files/x` is the checkout',
      find: `if (!text.startsWith('Files/')) return undefined;`,
      replace: `if (!text.replace('./', '').startsWith('Files/')) return undefined;`,
    },
  ]),
  ...mutantsOf('inputs/lakehouse-path.ts', [
    {
      id: 'nobody-in/upwards',
      breaks: '8: lakehouse paths hold no `..`',
      find: `plain === '.' || plain === '..' ||`,
      replace: `plain === '.' ||`,
    },
    {
      id: 'nobody-in/upwards-encoded',
      breaks: '8: lakehouse paths hold no `..`, ENCODED or not (also in upper case)',
      find: `/%([0-7][0-9a-f])/gi`,
      replace: `/%([0-7][0-9a-f])/g`,
    },
    {
      id: 'nobody-in/upwards-encoded-twice',
      breaks: '8: lakehouse paths hold no `..`, encoded (as often as you like) or not',
      find: `round < 5 &&`,
      replace: `round < 1 &&`,
    },
    {
      id: 'nobody-in/upwards-by-slash',
      breaks: '8: lakehouse paths hold no `..`, encoded or not (`..%2f`, `..\\\\`)',
      find: `|| /[\\\\/]/.test(plain))`,
      replace: `|| /[/]{2}/.test(plain))`,
    },
    {
      id: 'nobody-in/upwards-with-space',
      breaks: '8: lakehouse paths hold no `..` (`.. ` neither)',
      find: `const plain = decoded(segment).trim();`,
      replace: `const plain = decoded(segment);`,
    },
    {
      id: 'nobody-in/abfss-upwards',
      breaks: '8: lakehouse paths hold no `..` (in an `abfss:` URI neither)',
      find: `const problem = badSegment(path.split('/'));`,
      replace: `const problem = badSegment(path.split('/').slice(1));`,
    },
  ]),
];

const strangers = mutantsOf('inputs/untrusted.ts', [
  {
    id: 'nobody-in/pull-request-target',
    breaks: '2, `allow-untrusted`: … under `pull_request_target`: refused',
    find: `  'pull_request_target',\n`,
    replace: `  'pull_request',\n`,
  },
  {
    id: 'nobody-in/workflow-run',
    breaks: '2, `allow-untrusted`: … under `workflow_run`: refused',
    find: `  'workflow_run',\n`,
    replace: ``,
  },
  {
    id: 'nobody-in/issue-comment',
    breaks: '2, `allow-untrusted`: … under `issue_comment`: refused',
    find: `  'issue_comment',\n`,
    replace: ``,
  },
  {
    id: 'nobody-in/head-unknown',
    breaks: '2, `allow-untrusted`: HEAD UNKNOWN counts as another repository’s',
    find: `if (head?.toLowerCase() === env('GITHUB_REPOSITORY').toLowerCase()) return undefined;`,
    replace: `if (!head || head.toLowerCase() === env('GITHUB_REPOSITORY').toLowerCase()) return undefined;`,
  },
  {
    id: 'nobody-in/head-not-base',
    breaks:
      '2, `allow-untrusted`: code of ANOTHER REPOSITORY’S pull request (its head, not its base)',
    find: `objectAt(objectAt(payload, 'pull_request'), 'head')`,
    replace: `objectAt(objectAt(payload, 'pull_request'), 'base')`,
  },
  {
    id: 'nobody-in/own-head',
    breaks: '2, `allow-untrusted`: code of ANOTHER repository (the same in another case is ours)',
    find: `env('GITHUB_REPOSITORY').toLowerCase()`,
    replace: `env('GITHUB_REPOSITORY')`,
  },
]);

const defaults = mutantsOf('inputs.ts', [
  {
    id: 'nobody-in/untrusted-by-default',
    breaks: '2, `allow-untrusted`: default `false`: refused before sign-in',
    find: `reader.parsed('allow-untrusted', parseBoolean, false);`,
    replace: `reader.parsed('allow-untrusted', parseBoolean, true);`,
  },
]);

export const nobodyIn: readonly Mutant[] = [...hosts, ...paths, ...strangers, ...defaults];
