import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = globSync(['*.md', 'docs/*.md', 'bench/*.md'], { cwd: root });
const text = (page: string): string => readFileSync(join(root, page), 'utf8');
const all = (source: string, pattern: RegExp): string[] =>
  [...source.matchAll(pattern)].map((match) => match[1] ?? '');

test('there are pages', () => {
  expect(pages.length).toBeGreaterThan(10);
});

describe.each(pages)('%s', (page) => {
  test('names files that are there', () => {
    const folders = 'src|local|scripts|mutants|bench|examples|__tests__|docs|\\.github|\\.ci';
    const named = all(text(page), new RegExp(`\`((?:${folders})/[\\w./-]+\\.\\w+)\``, 'g'));
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('links to pages and headings that are there', () => {
    const links = [
      ...all(text(page), /\]\((?!https?:)([^)\s]+)\)/g),
      ...all(text(page), /<img src="([^"]+)"/g),
    ];
    const broken = links.filter((link) => {
      const [file = '', heading] = link.split('#');
      const target = file === '' ? page : join(dirname(page), file);
      if (!existsSync(join(root, target))) return true;
      return heading !== undefined && !anchors(text(target)).includes(heading);
    });
    expect(broken).toEqual([]);
  });
});

test('docs/releases.md has a row for each workflow, and none for another', () => {
  const rows = all(text('docs/releases.md'), /^\| `([\w-]+\.yml)`/gm);
  const workflows = globSync('*.yml', { cwd: join(root, '.github', 'workflows') });
  expect(rows.toSorted()).toEqual(workflows.toSorted());
});

test('docs/README.md links to every page of docs/', () => {
  const linked = all(text('docs/README.md'), /\]\(([\w-]+\.md)\)/g);
  const there = globSync('*.md', { cwd: join(root, 'docs') }).filter(
    (page) => page !== 'README.md',
  );
  expect([...new Set(linked)].toSorted()).toEqual(there.toSorted());
});

/** The anchors that GitHub gives the headings of a page. */
function anchors(markdown: string): string[] {
  const prose = markdown.replaceAll(/^( *)```.*?^\1```$/gms, '');
  return all(prose, /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
