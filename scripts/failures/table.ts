import type { CheckoutLine } from '../../src/report/facts.ts';
import type { Judgement } from './judge.ts';

const longest = 64;

/** The judgements as a table: failure, expected cause and line, found. */
export function table(judgements: readonly Judgement[]): string[] {
  const rows = judgements.flatMap(({ one, found, causeHolds, placeHolds }) => {
    const expected = [one.name, short(one.cause), shown(one.place)];
    if (causeHolds && placeHolds) return [['✔', ...expected, 'found']];
    const [title, place] = [short(found?.title ?? 'no cause'), shown(found?.place)];
    return [['✘', ...expected, [causeHolds ? 'cause found' : title, place].join(' · ')]];
  });
  const head = ['', 'Failure', 'Expected cause', 'Expected line', 'Found'];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function short(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

function shown(place: CheckoutLine | null | undefined): string {
  return place ? `${place.file}:${place.line}` : 'no line';
}
