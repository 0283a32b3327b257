import type { RunFacts } from '../facts.ts';
import { folded, link, span } from '../markdown.ts';

/** The ids and places that support and the person on call ask for, folded. */
export function detailsSection(facts: RunFacts): string {
  const rows = [
    row('File', facts.file && span(facts.file)),
    row('Batch', facts.batchName && span(facts.batchName)),
    row('Run', facts.runUrl && link(`open in ${facts.service ?? 'Fabric'}`, facts.runUrl)),
    row('Accepted', moment(facts.acceptedAt)),
    row('Ended', moment(facts.endedAt)),
    row('Submission', facts.submission === 'submitted' ? undefined : facts.submission),
    row('Batch id', facts.batchId && span(facts.batchId)),
    row('Application id', facts.applicationId && span(facts.applicationId)),
    row('Workspace', named(facts.workspace)),
    row('Lakehouse', named(facts.lakehouse)),
    row('Last state', facts.state && span(facts.state)),
    row('Error code', facts.errorCode && span(facts.errorCode)),
    row('Request id', facts.requestId && span(facts.requestId)),
    row('Driver log', facts.logPath && span(facts.logPath)),
    row('Requests', String(facts.requests)),
  ].filter((text) => text !== '');
  return folded('Ids and links', `| | |\n|:--|:--|\n${rows.join('\n')}`);
}

function row(label: string, value: string | undefined): string {
  return value ? `| ${label} | ${value} |` : '';
}

function named(item: { name: string; id?: string | undefined }): string {
  if (item.name === '') return '';
  return item.id === undefined || item.id === item.name
    ? span(item.name)
    : `${span(item.name)} (${span(item.id)})`;
}

function moment(time: number | undefined): string | undefined {
  // What is no date would throw.
  if (time === undefined || !(Math.abs(time) <= 8.64e15)) return undefined;
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
