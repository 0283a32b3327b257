import type { RootCause, RunFacts } from '../facts.ts';
import { block, folded, inline, plain } from '../markdown.ts';
import { placeLink } from '../place-link.ts';
import { unfinished } from '../stages/table.ts';

const longestLine = 300;

/** Why the step is red and what to do: the exception with its place, or the message; '' when it is green. */
export function causeSection(facts: RunFacts): string {
  const { rootCause: cause, errorCode, message = '', advice } = facts;
  if (errorCode === undefined) return '';
  const parts = cause
    ? [...(message.includes(cause.title) ? [] : told(message)), ...thrown(cause, facts.sourceUrl)]
    : told(message);
  const ended = facts.result === 'Succeeded' || facts.result === 'Failed';
  if (!ended) parts.push(unfinished(facts.stages ?? []));
  if (advice) parts.push(`**What to do:** ${plain(advice)}`);
  parts.push(codes(facts));
  if (cause && cause.lines.length > cause.message.length)
    parts.push(folded(`Traceback, ${cause.lines.length} lines`, block(cause.lines)));
  return parts.filter((part) => part !== '').join('\n\n');
}

function codes({ errorCode = '', requestId }: RunFacts): string {
  const request = requestId ? ` · Request id ${inline(requestId)}` : '';
  return `Error code ${inline(errorCode)}${request}`;
}

/** The title, where it was raised, and the rest of its message, in which the rows of a data test stand. */
function thrown(cause: RootCause, sourceUrl: string | undefined): string[] {
  const [first = '', ...rest] = cause.message;
  const more = first.trim() === cause.title.trim() ? rest : cause.message;
  const { place } = cause;
  return [
    `**${inline(cause.title)}**${place ? `  \nRaised in ${placeLink(place, sourceUrl)}` : ''}`,
    ...(more.some((line) => line.trim() !== '') ? [block(more)] : []),
  ];
}

/** Our own message, in which words from elsewhere stand: code, the first line as the sentence. */
function told(message: string): string[] {
  const [first = '', ...rest] = message.trim().split('\n');
  if (first === '') return [];
  if (first.length > longestLine) return [block(message.split('\n'))];
  const more = rest.some((line) => line.trim() !== '') ? [block(rest)] : [];
  return [inline(first), ...more];
}
