import { verdict, type Claim, type Figures } from '../../bench/measure/claims.ts';

/** What the benchmark of that name found. */
export interface Found {
  name: string;
  figures: Figures;
}

const head = ['| Claim | Contract | Measured | | Command |', '| --- | --- | --- | --- | --- |'];

/**
 * A page with the figures put into it, between its marks: `bench:claims` holds the table, `bench:machine` what
 * it was measured on (kept where none is given), `bench:NAME` what a benchmark tells beside. Rows of benchmarks
 * that did not run stay.
 * Throws `Error` when the page has no mark for the table.
 */
export function withFigures(
  page: string,
  found: readonly Found[],
  machine: string | undefined,
): string {
  const ran = new Set(found.map(({ name }) => command(name)));
  const kept = rowsIn(page).filter((row) => !ran.has(cells(row).at(-1) ?? ''));
  const rows = [...kept, ...found.flatMap(({ name, figures }) => rowsOf(name, figures.claims))];
  // Stable, so that the claims of one benchmark keep their order.
  const byCommand = (row: string): string => cells(row).at(-1) ?? '';
  rows.sort((one, other) => byCommand(one).localeCompare(byCommand(other)));
  let text = between(page, 'claims', [...head, ...rows].join('\n'));
  if (text === undefined) throw new Error('The page has no mark bench:claims.');
  if (machine !== undefined) text = between(text, 'machine', `Measured on: ${machine}.`) ?? text;
  for (const { name, figures } of found)
    if (figures.detail !== undefined) text = between(text, name, figures.detail) ?? text;
  return text;
}

/** The rows of the table that are of one benchmark, as cells without their padding. */
export function cellsOf(page: string, name: string): string[][] {
  return rowsIn(page)
    .map(cells)
    .filter((row) => row.at(-1) === command(name));
}

/** Claims as rows of the table. */
export function rowsOf(name: string, claims: readonly Claim[]): string[] {
  return claims.map(({ claim, contract = '—', measured, met }) =>
    [claim, contract, measured, verdict(met), command(name)].join(' | ').replace(/^.*$/, '| $& |'),
  );
}

function command(name: string): string {
  return `\`node bench/${name}.ts\``;
}

function rowsIn(page: string): string[] {
  const inside = marked(page, 'claims')?.inside ?? '';
  return inside
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.includes('`node bench/'));
}

/** The cells of a row of a table. */
export function cells(row: string): string[] {
  return row
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

function between(page: string, name: string, inside: string): string | undefined {
  const found = marked(page, name);
  return found && `${found.before}\n\n${inside}\n\n${found.after}`;
}

function marked(
  page: string,
  name: string,
): { before: string; inside: string; after: string } | undefined {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const from = page.indexOf(open);
  const to = page.indexOf(close, from);
  if (from === -1 || to === -1) return undefined;
  const start = from + open.length;
  return { before: page.slice(0, start), inside: page.slice(start, to), after: page.slice(to) };
}
