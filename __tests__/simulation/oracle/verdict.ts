import { messageOf } from '../../../src/errors.ts';
import { followedBatch, hasEvent, minute, sentBy, type Check } from './truth.ts';
import type { LegTrace } from '../leg.ts';
import type { Trace } from '../stage.ts';

/** Which error codes a result can stand beside (design, section 3, and docs/errors.md). */
export const codes: Readonly<Record<string, readonly string[]>> = {
  Succeeded: ['TWIN_FOUND'],
  Failed: ['BATCH_FAILED', 'STATE_CONFLICT'],
  Cancelled: ['CANCELLED', 'CANCELLED_ELSEWHERE'],
  TimedOut: ['TIMEOUT', 'QUEUE_TIMEOUT'],
  Unknown: [
    'UNKNOWN_STATE',
    'BATCH_VANISHED',
    'STATUS_UNREADABLE',
    'SIGN_IN_ENDED',
    'SUBMIT_UNCONFIRMED',
    'SIGN_IN_REFUSED',
    'SIGN_IN_UNREACHABLE',
    'NOT_FOUND',
    'SERVICE_UNREACHABLE',
  ],
  NotStarted: [
    'TWIN_FOUND',
    'CAPACITY_FULL',
    'QUEUE_EXPIRED',
    'THROTTLED',
    'FORBIDDEN',
    'UNAUTHORIZED',
    'NOT_FOUND',
    'REQUEST_REFUSED',
    'SERVICE_UNREACHABLE',
    'SIGN_IN_REFUSED',
    'SIGN_IN_UNREACHABLE',
    'WORKSPACE_NOT_FOUND',
    'LAKEHOUSE_NOT_FOUND',
    'LIST_UNREADABLE',
    'RERUN_AMBIGUOUS',
    'RERUN_DIFFERS',
    'RERUN_NOT_ENDED',
    'UPLOAD_FAILED',
  ],
  Submitted: [],
  Checked: [],
};
const green: readonly string[] = ['Succeeded', 'Submitted', 'Checked'];
const headings: Readonly<Record<string, string>> = {
  Succeeded: 'succeeded',
  Failed: 'failed',
  Cancelled: 'cancelled',
  TimedOut: 'timed out',
  NotStarted: 'not started',
  Submitted: 'submitted',
  Checked: 'nothing submitted',
  Unknown: 'outcome unknown',
};

/** Exit code, outputs, error annotation and summary tell one story, whatever it is. */
export const tablesAgree: Check = (_trace, leg) => {
  if (leg.end === 'killed') return [];
  const { outputs, printed, summaryText } = leg.main;
  const { result = '', 'error-code': code } = outputs;
  const wrong: string[] = [];
  if (leg.thrown !== undefined) wrong.push(`main threw ${messageOf(leg.thrown)}`);
  const known = codes[result];
  if (!known) return [...wrong, `the result "${result}" is none`];
  const red = code !== undefined || !green.includes(result);
  // A second submit that was refused leaves the fate of the first as it was.
  const afterDoubt = result === 'Unknown' && outputs['submission'] === 'unconfirmed';
  const fits = afterDoubt ? [...known, ...(codes['NotStarted'] ?? [])] : known;
  if (code === undefined ? !green.includes(result) : !fits.includes(code))
    wrong.push(`${result} beside the code ${code ?? 'none'}`);
  if (leg.green === red) wrong.push(`exit ${leg.green ? 0 : 1} beside ${result} ${code ?? ''}`);
  const errors = printed.filter(({ kind }) => kind === 'error').length;
  if (errors !== (red ? 1 : 0)) wrong.push(`${errors} error annotations beside ${result}`);
  const heading = summaryText.split('\n')[0] ?? '';
  // One that had to end at once after a signal wrote none.
  if (leg.end === 'itself' && !heading.endsWith(headings[result] ?? 'none'))
    wrong.push(`the summary says "${heading}" beside ${result}`);
  return wrong;
};

/** Green only when proven; and what is said of the end is what the engine knows. */
export const truthIsTold: Check = (trace, leg) => {
  if (leg.end !== 'itself') return [];
  const { outputs } = leg.main;
  const { result = '', 'error-code': code } = outputs;
  const batch = followedBatch(trace, leg);
  const truth = batch?.snapshot();
  const wrong: string[] = [];
  if (result === 'Succeeded' && truth?.phase !== 'success')
    wrong.push(`Succeeded, and the engine says ${truth?.phase ?? 'nothing'}`);
  if (result === 'Failed') {
    const conflict = hasEvent(trace, leg, 'conflict');
    if (code === 'STATE_CONFLICT' && !conflict) wrong.push('STATE_CONFLICT without one');
    const failed = truth?.phase === 'dead' || truth?.phase === 'error';
    if (code === 'BATCH_FAILED' && !failed)
      wrong.push(`BATCH_FAILED, and the engine says ${truth?.phase ?? 'nothing'}`);
  }
  if (code === 'CANCELLED' && leg.signalAt === undefined) wrong.push('CANCELLED without a signal');
  if (code === 'CANCELLED_ELSEWHERE' && truth?.phase !== 'killed')
    wrong.push(`CANCELLED_ELSEWHERE, and the engine says ${truth?.phase ?? 'nothing'}`);
  if (code === 'QUEUE_EXPIRED' && !hasEvent(trace, leg, 'expired'))
    wrong.push('QUEUE_EXPIRED without it');
  if (result === 'NotStarted' && truth?.runningAt !== undefined)
    wrong.push('NotStarted, and its application ran');
  return [...wrong, ...explained(trace, leg)];
};

/** An end that is nobody's verdict has a reason that the schedule knows. */
function explained(trace: Trace, leg: LegTrace): string[] {
  const { 'error-code': code } = leg.main.outputs;
  const sent = sentBy(trace, leg, 'main');
  const faulty = (targets: readonly string[]): boolean =>
    sent.some(
      ({ fault, target, outcome }) =>
        targets.includes(target) &&
        (fault !== undefined || (typeof outcome === 'number' && outcome >= 300)),
    );
  switch (code) {
    case 'STATUS_UNREADABLE': {
      const minutes = Number(leg.plan.inputs['outage-minutes'] ?? 30);
      const good = sent.findLast(
        ({ target, outcome, fault, batch }) =>
          target === 'status' &&
          outcome === 200 &&
          fault === undefined &&
          batch === leg.main.outputs['batch-id'],
      );
      const silent = leg.endedAt - (good?.endedAt ?? leg.startedAt);
      return silent < minutes * minute ? [`STATUS_UNREADABLE after ${silent} ms`] : [];
    }
    case 'BATCH_VANISHED':
      // 404 for a minute, and a list that holds it late, look the same.
      return hasEvent(trace, leg, 'vanished') || faulty(['status'])
        ? []
        : ['BATCH_VANISHED, and it is there'];
    case 'UNKNOWN_STATE':
      return hasEvent(trace, leg, 'unknown-word-lasting') || faulty(['status'])
        ? []
        : ['UNKNOWN_STATE without an unknown word'];
    case 'SUBMIT_UNCONFIRMED':
      return faulty(['submit', 'list', 'token', 'oidc']) || trace.schedule.settings.length > 0
        ? []
        : ['SUBMIT_UNCONFIRMED without a fault'];
    case 'SIGN_IN_ENDED':
      return faulty(['token', 'oidc', 'status', 'log', 'session', 'files', 'length']) ||
        trace.schedule.settings.some(({ kind }) => kind === 'oidc-ends')
        ? []
        : ['SIGN_IN_ENDED without a fault'];
    case 'TIMEOUT':
    case 'QUEUE_TIMEOUT':
      return tooEarly(trace, leg, code);
    case 'INTERNAL':
      return ['a fault of the action itself'];
    default:
      return [];
  }
}

function tooEarly(trace: Trace, leg: LegTrace, code: string): string[] {
  const { inputs } = leg.plan;
  const input = code === 'TIMEOUT' ? 'timeout-minutes' : 'queue-timeout-minutes';
  const limit = Number(inputs[input] ?? (code === 'TIMEOUT' ? Infinity : 60)) * minute;
  const batch = followedBatch(trace, leg);
  const since = leg.endedAt - (batch?.acceptedAt ?? leg.startedAt);
  const started = batch?.snapshot().runningAt;
  const early = since < limit ? [`${code} after ${since} ms of ${limit}`] : [];
  const seen = started !== undefined && leg.endedAt - started > 5 * minute;
  const read = sentBy(trace, leg, 'main').some(
    ({ target, outcome, fault, at }) =>
      target === 'status' && outcome === 200 && fault === undefined && at > (started ?? Infinity),
  );
  return code === 'QUEUE_TIMEOUT' && seen && read
    ? [...early, 'QUEUE_TIMEOUT of a batch that was seen to run']
    : early;
}

/** Between two looks at the status, and the time that the second takes; milliseconds. */
const longestTick = 5_000;

/** Nothing happened to the schedule, so the step is as green as its job. */
export const quietIsGreen: Check = (trace, leg) => {
  const { requests, processes, batches, settings } = trace.schedule;
  const quiet = [...requests, ...processes, ...batches, ...settings].length === 0;
  if (!quiet || leg.plan.kind !== 'run' || leg.plan.inputs['wait'] === 'false') return [];
  const batch = followedBatch(trace, leg);
  const { phase: ends, endedAt = 0 } = batch?.snapshot() ?? {};
  if (ends !== 'success' && ends !== 'dead') return [];
  // A limit that comes before the tick that would have seen the end.
  const limit = Number(leg.plan.inputs['timeout-minutes'] ?? 0) * minute;
  if (limit > 0 && endedAt - (batch?.acceptedAt ?? 0) > limit - longestTick) return [];
  const expected = ends === 'success' ? 'Succeeded' : 'Failed';
  const { result } = leg.main.outputs;
  return result === expected ? [] : [`nothing happened, and the result is ${result ?? 'none'}`];
};
