/**
 * `node scripts/release-notes.ts v1.2.3`: prints the section of CHANGELOG.md for that version, and
 * fails where the repository does not tell of it.
 */
import { readFileSync } from 'node:fs';

/** What the files of the repository say of their version. */
export interface Told {
  changelog: string;
  /** Texts of package.json and package-lock.json. */
  manifests: Readonly<Record<string, string>>;
}

/**
 * The notes of a release: the text below `## [1.2.3] - 2026-01-31` of a changelog in the form of
 * https://keepachangelog.com, without the heading. All that keeps the version from being released is
 * given at once.
 */
export function releaseNotes(tag: string, told: Told): { notes: string } | { problems: string[] } {
  const version = /^v((?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2})$/.exec(tag)?.[1];
  if (version === undefined) return { problems: [`${tag || 'Nothing'} is no tag such as v1.2.3.`] };
  const problems = Object.entries(told.manifests)
    .map(([name, text]) => [name, versionOf(text)] as const)
    .filter(([, found]) => found !== version)
    .map(([name, found]) => `${name} has the version ${found ?? 'none'}, not ${version}.`);
  const sections = told.changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  const heading = section?.split('\n')[0]?.trim() ?? '';
  const notes = section?.slice(section.indexOf('\n')).trim() ?? '';
  if (section === undefined) problems.push(`CHANGELOG.md has no section [${version}].`);
  else if (!/^\[[\d.]+\] - \d{4}-\d{2}-\d{2}$/.test(heading))
    problems.push(
      `CHANGELOG.md gives no date: "## [${version}] - 2026-01-31", not "## ${heading}".`,
    );
  if (section !== undefined && !/^- \S/m.test(notes))
    problems.push(`CHANGELOG.md says nothing of ${version}.`);
  return problems.length > 0 ? { problems } : { notes };
}

function versionOf(manifest: string): string | undefined {
  const parsed: unknown = JSON.parse(manifest);
  if (typeof parsed !== 'object' || parsed === null || !('version' in parsed)) return undefined;
  return typeof parsed.version === 'string' ? parsed.version : undefined;
}

if (import.meta.main) {
  const text = (name: string): string =>
    readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
  const manifests = ['package.json', 'package-lock.json'].map(
    (name) => [name, text(name)] as const,
  );
  const told = { changelog: text('CHANGELOG.md'), manifests: Object.fromEntries(manifests) };
  const found = releaseNotes(process.argv[2] ?? '', told);
  if ('problems' in found) {
    console.error(found.problems.join('\n'));
    process.exitCode = 1;
  } else {
    console.log(found.notes);
  }
}
