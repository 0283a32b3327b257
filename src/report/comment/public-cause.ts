import type { RootCause } from '../facts.ts';

/** Modules or packages, then a class; a message may follow. */
const raised = /^((?:[A-Za-z_$][\w$]*\.){0,12}_{0,2}[A-Z][\w$]{0,80})(?:$|:(?:\s|$))/;
const callsItselfOne = /(?:Error|Exception|Exit|Failure|Interrupt|Throwable|Warning)$/;
/** Spark's error classes are capital letters with `_` between, and a sub-class behind a dot. */
const sparkClass = /^.{0,400}?: \[((?:[A-Z]{1,30}_){1,10}[A-Z]{1,30}(?:\.[A-Z_]{1,60})?)\]/;
/** Our own sentences about a job that ended without an exception. */
const ended =
  /^The job(?:'s process [a-zA-Z ]{1,40} \(| ended with )(exit code \d{1,3})(?:[,.)]|$)/;

/**
 * What of a cause may stand where nobody masks secrets: the place in the checkout, the class of the
 * exception, Spark's class of the error, an exit code. No word that the job chose when it failed: it may
 * hold a secret that the runner knows, and masks in log and summary, and this action does not. '' where
 * nothing of that is known.
 */
export function publicCause({ title, place }: Pick<RootCause, 'title' | 'place'>): string {
  const at = place === undefined ? '' : `${place.file}:${place.line}`;
  return [at, exceptionIn(title, place !== undefined)].filter((part) => part !== '').join(': ');
}

function exceptionIn(title: string, traced: boolean): string {
  const [, code] = ended.exec(title) ?? [];
  if (code !== undefined) return code;
  const [, name] = raised.exec(title) ?? [];
  // A word alone is an exception where a traceback ends with it, or where it calls itself one.
  const alone = name === title;
  if (name === undefined || (alone && !traced && !callsItselfOne.test(name))) return '';
  const [, error] = sparkClass.exec(title) ?? [];
  return error === undefined || !title.startsWith(`${name}: [`) ? name : `${name} [${error}]`;
}
