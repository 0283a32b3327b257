import { defaultIds } from '../../local/settings.ts';
import type { StageOptions } from '../../__tests__/service/stage.ts';

/** One kind of step, of which the way to its submit is looked at. */
export interface ChainCase {
  name: string;
  /** The most that is promised for its depth. */
  atMost?: number;
  options: Omit<StageOptions, 'script' | 'latency'>;
}

const names = { workspace: 'analytics', lakehouse: 'orders' };
const local = { file: 'main.py' };
const main = { 'main.py': 'print(1)\n' };
const libraries = ['one.py', 'two.py', 'three.py', 'four.py'];

export const cases: readonly ChainCase[] = [
  {
    name: 'ids, secret, lakehouse file',
    atMost: 2,
    options: { inputs: { workspace: defaultIds.workspace, lakehouse: defaultIds.lakehouse } },
  },
  { name: 'names (one page each), secret, lakehouse file', options: { inputs: names } },
  {
    name: 'names (one page each), OIDC, local file',
    atMost: 6,
    options: { identity: 'oidc', inputs: { ...names, ...local }, files: main },
  },
  {
    name: 'names (one page each), OIDC, local file, environment',
    options: {
      identity: 'oidc',
      inputs: { ...names, ...local, environment: 'team' },
      files: main,
    },
  },
  {
    name: 'names (one page each), OIDC, five local files',
    options: {
      identity: 'oidc',
      inputs: { ...names, ...local, 'py-files': libraries.join('\n') },
      files: { ...main, ...Object.fromEntries(libraries.map((name) => [name, 'x = 1\n'])) },
    },
  },
];
