import { duration } from './duration.ts';
import type { RunFacts } from './facts.ts';
import { block, link, plain, span } from './markdown.ts';

const headings: Readonly<Record<string, string>> = {
  Succeeded: '✅ Spark batch succeeded',
  Failed: '❌ Spark batch failed',
  Cancelled: '⛔ Spark batch cancelled',
  TimedOut: '⌛ Spark batch timed out',
  NotStarted: '🚫 Spark batch not started',
  Submitted: '🚀 Spark batch submitted',
  Checked: '☑️ Checked, nothing submitted',
  Unknown: '❓ Spark batch: outcome unknown',
};

/** The three lengths of time that a run is made of, in milliseconds; absent where it never came so far. */
export function times(facts: RunFacts): { queued?: number; starting?: number; running?: number } {
  const { acceptedAt, startingAt, runningAt, endedAt } = facts;
  const queuedUntil = startingAt ?? runningAt ?? endedAt;
  const startedAt = runningAt ?? endedAt;
  return {
    ...(acceptedAt !== undefined && queuedUntil !== undefined
      ? { queued: queuedUntil - acceptedAt }
      : {}),
    ...(startingAt !== undefined && startedAt !== undefined
      ? { starting: startedAt - startingAt }
      : {}),
    ...(runningAt !== undefined && endedAt !== undefined ? { running: endedAt - runningAt } : {}),
  };
}

function row(label: string, value: string | undefined): string {
  return value ? `| ${label} | ${value} |\n` : '';
}

function named(item: { name: string; id?: string | undefined }): string {
  if (item.name === '') return '';
  return item.id === undefined || item.id === item.name
    ? span(item.name)
    : `${span(item.name)} (${span(item.id)})`;
}

function spent(facts: RunFacts): string {
  const { queued, starting, running } = times(facts);
  const parts = [
    queued === undefined ? '' : `queued ${duration(queued)}`,
    starting === undefined ? '' : `starting ${duration(starting)}`,
    running === undefined ? '' : `running ${duration(running)}`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** The job summary as Markdown: the verdict first, then why, then the ids. Pure; well under 1 MiB. */
export function summary(facts: RunFacts): string {
  const heading = `## ${headings[facts.result] ?? `Spark batch: ${facts.result}`}\n\n`;
  const why = facts.errorCode === undefined ? '' : whyRed(facts);
  const table = [
    '| | |\n|---|---|\n',
    row('File', facts.file && span(facts.file)),
    row('Batch', facts.batchName && span(facts.batchName)),
    row('Time', spent(facts)),
    row('Run', facts.runUrl && link(`open in ${facts.service ?? 'Fabric'}`, facts.runUrl)),
    row('Batch id', facts.batchId && span(facts.batchId)),
    row('Application id', facts.applicationId && span(facts.applicationId)),
    row('Workspace', named(facts.workspace)),
    row('Lakehouse', named(facts.lakehouse)),
    row('Last state', facts.state && span(facts.state)),
    row('Error code', facts.errorCode && span(facts.errorCode)),
    row('Request id', facts.requestId && span(facts.requestId)),
  ];
  return `${heading}${why}${notes(facts)}${table.join('')}\n${output(facts)}`;
}

function notes({ notes: all = [] }: RunFacts): string {
  return all.length === 0 ? '' : `${all.map((note) => `- ${plain(note)}`).join('\n')}\n\n`;
}

function output({ jobOutput }: RunFacts): string {
  if (jobOutput === undefined) return '';
  return `\n**Job output**\n\n${block(jobOutput.split('\n'))}\n`;
}

function whyRed(facts: RunFacts): string {
  const cause = facts.rootCause;
  const parts: string[] = [];
  if (cause) parts.push(`**${span(cause.title)}**`, block(cause.lines));
  else if (facts.message) parts.push(block(facts.message.split('\n')));
  if (facts.advice) parts.push(plain(facts.advice));
  return parts.length === 0 ? '' : `${parts.join('\n\n')}\n\n`;
}
