import { causeSection } from './summary/cause.ts';
import { vCoreHours } from './summary/cost.ts';
import { detailsSection } from './summary/details.ts';
import { duration } from './duration.ts';
import type { RunFacts } from './facts.ts';
import { headingOf } from './headings.ts';
import { block, folded, inline, link, plain } from './markdown.ts';
import { page } from './summary/page.ts';
import { stageSection } from './stages/table.ts';
import { testSection } from './summary/tests.ts';
import { timeSection, wholeTime } from './summary/time.ts';

export { times } from './summary/phases.ts';
export { spent } from './summary/time.ts';

/**
 * Bytes; GitHub drops a summary of more than 1 MiB whole (actions/runner,
 * CreateStepSummaryCommand). The sections are bounded each, and come to less.
 */
const longest = 960 * 1_024;
const mostNotes = 40;
/** Lines of the job's output that stand unfolded. */
const shortOutput = 12;

/**
 * The job summary as Markdown: the verdict, why and what to do, then tests, times and stages, last the
 * ids. Pure; less than 1 MiB whatever the facts are.
 */
export function summary(facts: RunFacts, limit = longest): string {
  return page(
    [
      { name: 'verdict', dispensable: 0, text: verdict(facts) },
      { name: 'cause', dispensable: 1, text: causeSection(facts) },
      { name: 'notes', dispensable: 4, text: notes(facts) },
      { name: 'tests', dispensable: 3, text: testSection(facts) },
      { name: 'job output', dispensable: 7, text: output(facts) },
      { name: 'time', dispensable: 5, text: timeSection(facts) },
      { name: 'stages', dispensable: 6, text: stageSection(facts) },
      { name: 'ids', dispensable: 2, text: detailsSection(facts) },
    ],
    limit,
  );
}

/** The heading, and the run at a glance: file, time, cost, link. */
function verdict(facts: RunFacts): string {
  const { file, runUrl, service = 'Fabric' } = facts;
  const { sign, text } = headingOf(facts);
  const total = wholeTime(facts);
  const glance = [
    inline(file),
    total === undefined ? '' : duration(total),
    vCoreHours(facts),
    runUrl ? link(`Open in ${service}`, runUrl) : '',
  ].filter((part) => part !== '');
  return `## ${sign} ${text}${glance.length === 0 ? '' : `\n\n${glance.join(' · ')}`}`;
}

function notes({ notes: all = [] }: RunFacts): string {
  const shown = all.slice(0, mostNotes).map((note) => `- ${plain(note)}`);
  const rest = all.length > mostNotes ? [`- … and ${all.length - mostNotes} more`] : [];
  return [...shown, ...rest].join('\n');
}

function output({ jobOutput }: RunFacts): string {
  if (jobOutput === undefined) return '';
  const lines = jobOutput.split('\n');
  const text = block(lines, 64 * 1_024);
  return lines.length > shortOutput
    ? folded(`Job output, ${lines.length} lines`, text)
    : `**Job output**\n\n${text}`;
}
