import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const src = join(root, 'src');

/** Every room may stand on these, so that the diagram has no arrows to them. */
const floor = new Set(['clock', 'errors']);

/** A folder of src/, with the file of its name beside it: `inputs.ts` and `inputs/` are one room. */
function roomOf(path: string): string {
  const [first = ''] = relative(src, path).split(sep);
  return first.replace(/\.ts$/, '');
}

/** Arrows between rooms, as `a --> b`, by the imports of a source. Types count as well. */
function arrowsOf(path: string, source: string): string[] {
  const targets = [...source.matchAll(/(?:\bfrom|\bimport\(?)\s*'(\.[^']+)'/g)];
  return targets
    .map(([, target = '']) => [roomOf(path), roomOf(join(dirname(path), target))] as const)
    .filter(([from, to]) => from !== to)
    .map(([from, to]) => `${from} --> ${to}`);
}

const paths = globSync('**/*.ts', { cwd: src }).map((path) => join(src, path));
const imported = new Set(paths.flatMap((path) => arrowsOf(path, readFileSync(path, 'utf8'))));
const page = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
const diagram = /```mermaid\n(.*?)```/s.exec(page)?.[1] ?? '';
const drawn = [...diagram.matchAll(/^ *(\w+) --> (.+)$/gm)].flatMap(([, from = '', targets = '']) =>
  targets.split(' & ').map((to) => `${from} --> ${to.trim()}`),
);

test('the diagram of docs/architecture.md has the arrows that the imports of src/ have', () => {
  const arrows = [...imported].filter((arrow) => !floor.has(arrow.split(' --> ')[1] ?? ''));
  expect(arrows.length).toBeGreaterThan(10);
  expect(drawn.toSorted()).toEqual(arrows.toSorted());
});

test('the floor stands on nothing', () => {
  const below = [...imported].filter((arrow) => floor.has(arrow.split(' --> ')[0] ?? ''));
  expect(below).toEqual([]);
});

test('docs/architecture.md has a paragraph for each room, and for no other', () => {
  const section = /^## Rooms of src\/$(.*?)^## /ms.exec(page)?.[1] ?? '';
  const told = [...section.matchAll(/\*\*(\w+)\*\*/g)].map(([, room = '']) => room);
  expect(told.toSorted()).toEqual([...new Set(paths.map(roomOf))].toSorted());
});

test('imports in all their forms are seen', () => {
  const source = `import { a } from '../http/a.ts';\nimport type {\n  B,\n} from './b.ts';\nexport * from '../auth/c.ts';\nconst d = await import('../livy/d.ts');\nimport '../log/e.ts';\nimport f from 'fastify';`;
  expect(arrowsOf(join(src, 'job', 'x.ts'), source)).toEqual([
    'job --> http',
    'job --> auth',
    'job --> livy',
    'job --> log',
  ]);
});
