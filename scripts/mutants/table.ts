import type { Mutant } from '../../mutants/mutant.ts';
import type { Outcome } from './trial.ts';

export interface Row {
  mutant: Mutant;
  outcome: Outcome;
  seconds: number;
}

function fate(outcome: Outcome): string {
  if (outcome.kind === 'survived') return 'SURVIVED';
  if (outcome.kind === 'broken') return `BROKEN: ${outcome.why.replace(/\s+/g, ' ').slice(0, 300)}`;
  const { file, test, hangs } = outcome.killer;
  return `${hangs === true ? 'hung: ' : ''}${file.replace('__tests__/', '')} › ${test}`;
}

/** `id | breaks | test that turned red | seconds`. */
export function rowOf({ mutant, outcome, seconds }: Row): string {
  return [mutant.id, mutant.breaks, fate(outcome), seconds.toFixed(1)].join(' | ');
}

export function table(rows: readonly Row[]): string {
  return ['id | breaks | test that turned red | seconds', ...rows.map(rowOf)].join('\n');
}

/** `N killed, M survived`, and how many could not be told where there are such. */
export function closingLine(rows: readonly Row[]): string {
  const count = (kind: Outcome['kind']): number =>
    rows.filter(({ outcome }) => outcome.kind === kind).length;
  const broken = count('broken');
  return `${count('killed')} killed, ${count('survived')} survived${broken > 0 ? `, ${broken} broken` : ''}`;
}
