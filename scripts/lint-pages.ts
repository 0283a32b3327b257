/**
 * `npm run lint:pages`: actionlint over the workflows that README.md, docs/ and the other pages show, and
 * over the parts of workflows, each in a workflow around it. What the action's steps are given there is
 * held against action.yml by `__tests__/unit/snippets.test.ts`.
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionlint, goTool } from './go-tool.ts';
import { asWorkflow, snippets } from './snippets.ts';

const log = (line: string): void => console.log(line);
const folder = mkdtempSync(join(tmpdir(), 'pages-'));

/** A file for each workflow, called by its page and line, for actionlint names no other place. */
function written(): string[] {
  return globSync(['*.md', 'docs/*.md', 'bench/*.md'])
    .sort()
    .flatMap((page) => snippets(readFileSync(page, 'utf8')).map((found) => ({ page, ...found })))
    .flatMap((found) => {
      const workflow = asWorkflow(found);
      if (workflow === undefined) return [];
      const file = join(folder, `${found.page.replaceAll('/', '-')}-line-${found.line}.yml`);
      writeFileSync(file, workflow);
      return [file];
    });
}

try {
  const files = written();
  const args = ['-shellcheck=', '-pyflakes=', ...files];
  const { status } = spawnSync(await goTool(actionlint, log), args, { stdio: 'inherit' });
  if (files.length === 0) throw new Error('No page shows a workflow.');
  if (status === 0) log(`actionlint finds nothing in ${files.length} workflows of the pages.`);
  else process.exitCode = 1;
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
