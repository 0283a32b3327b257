import { capacityError } from '../../local/api/batch.ts';
import type { BatchScript, ScriptStep } from '../../local/engine/scripted.ts';
import type { BatchEvent, BatchPlan } from './plan.ts';
import { Random } from './random.ts';

/** How the end of a batch shows: while it settles, and for good. */
const words = {
  success: { state: 'success', result: 'Succeeded', fabricBatchStateInfo: null },
  dead: { state: 'dead', result: 'Failed', fabricBatchStateInfo: null },
} as const;

/** What a job prints that a reader must not take for more than text. */
const oddities = [
  '::error title=Faked::from the job',
  '##[error]from the job',
  '  ::set-output name=result::Succeeded',
  '::add-mask::a',
  '::stop-commands::token',
  'progress 10 %\rprogress 60 %\rprogress 100 %',
  '\u001b[31mred\u001b[0m and plain',
  'Größe 12 € 𝄞 und weiter',
  '\u0085::warning::after a control character',
];

/** What a batch does, from its plan and from what happens to it. `secret`: printed now and then. */
export function scriptOf(
  plan: BatchPlan,
  events: readonly BatchEvent[],
  applicationId: string,
  secret: string,
): BatchScript {
  const random = new Random(plan.seed);
  const has = (kind: BatchEvent['kind']): BatchEvent | undefined =>
    events.find((event) => event.kind === kind);
  const startAt = plan.queue + plan.starting;
  const endAt = startAt + plan.running;
  const at = (event: BatchEvent): number => startAt + event.share * plan.running;
  const steps: ScriptStep[] = [
    { at: plan.queue, phase: 'starting', livy: `spark-submit of ${applicationId}\n` },
  ];
  const cancels = {
    ...(has('deaf-to-cancel') ? { deafToCancel: true } : {}),
    ...(has('slow-cancel') ? { cancelSeconds: random.int(20, 400) } : {}),
    applicationId,
  };
  if (has('capacity-later'))
    return { steps: [{ at: Math.min(plan.queue, 30), phase: 'error', error: capacityError }] };
  if (has('expired')) {
    const overlay = {
      state: 'not_started',
      result: 'Uncertain',
      fabricBatchStateInfo: { state: 'expired' },
      errorInfo: null,
      livyInfo: null,
    };
    return { steps: [{ at: plan.queue, phase: 'error', overlay }], ...cancels };
  }
  steps.push({ at: startAt, phase: 'running' });
  steps.push(...stages(plan, startAt, secret));
  steps.push(...prints(plan, events, { startAt, random, secret }));
  const elsewhere = has('cancelled-elsewhere');
  if (elsewhere)
    steps.push({
      at: at(elsewhere),
      phase: 'killed',
      overlay: { cancellationReason: 'Cancelled by another user.' },
    });
  else if (plan.end !== 'never') steps.push(...ending(plan, events, endAt, random));
  steps.sort((one, other) => one.at - other.at);
  const last = steps.findIndex(({ phase }) => phase === 'killed');
  return { steps: last === -1 ? steps : steps.slice(0, last + 1), ...cancels };
}

/** The end, and what the API says of it meanwhile. */
function ending(
  plan: BatchPlan,
  events: readonly BatchEvent[],
  endAt: number,
  random: Random,
): ScriptStep[] {
  const { end } = plan;
  if (end === 'never') return [];
  if (end === 'error') return [{ at: endAt, phase: 'error' }];
  const truth = words[end];
  const passes = random.chance(0.5);
  const over: ScriptStep = { at: endAt, phase: end };
  if (events.some(({ kind }) => kind === 'conflict')) {
    const conflict = { ...truth, state: 'success', result: 'Failed' };
    const mended = { at: endAt + random.int(1, 40), overlay: truth };
    return [{ ...over, overlay: conflict }, ...(passes ? [mended] : [])];
  }
  if (events.some(({ kind }) => kind === 'uncertain') && end === 'success') {
    const mended = { at: endAt + random.int(1, 10), overlay: truth };
    return [{ ...over, overlay: { ...truth, result: 'Uncertain' } }, ...(passes ? [mended] : [])];
  }
  const odd = events.find(({ kind }) => kind === 'unknown-word-lasting');
  if (!odd) return [over];
  const hidden = {
    state: 'hibernating',
    result: null,
    fabricBatchStateInfo: null,
    livyInfo: null,
    schedulerInfo: null,
  };
  const since = { at: endAt - (1 - odd.share) * plan.running, overlay: hidden };
  return passes ? [since, { ...over, overlay: truth }] : [since, over];
}

/** Stages whose names are as odd as what it prints; the last ones end with it, in a burst. */
function stages(plan: BatchPlan, startAt: number, secret: string): ScriptStep[] {
  const count = 2 + (plan.seed % 40);
  return Array.from({ length: count }, (_, stageId) => {
    const share = Math.min(stageId / 8, 0.95);
    const name = `count at /tmp/${secret}/job.py:${stageId} ${oddities[stageId % oddities.length] ?? ''}`;
    const at = startAt + share * plan.running;
    const told = { stageId, name, numTasks: 8, inputRecords: 1_000 * stageId };
    const time = new Date(at * 1_000).toISOString().replace('Z', 'GMT');
    const over = { numCompleteTasks: 8, status: stageId % 7 === 3 ? 'FAILED' : 'COMPLETE' };
    return [
      { at, stages: [{ ...told, numCompleteTasks: stageId % 8, submissionTime: time }] },
      { at: at + 0.04 * plan.running, stages: [{ ...told, ...over, completionTime: time }] },
    ];
  }).flat();
}

/** What it prints: lines that all differ, but where an attempt begins as the one before did. */
function prints(
  plan: BatchPlan,
  events: readonly BatchEvent[],
  parts: { startAt: number; random: Random; secret: string },
): ScriptStep[] {
  const { startAt, random, secret } = parts;
  const cuts = events
    .filter(({ kind }) => kind === 'roll' || kind.startsWith('restart'))
    .map((event) => ({ event, at: startAt + event.share * plan.running }))
    .sort((one, other) => one.at - other.at);
  const steps: ScriptStep[] = [];
  let line = 0;
  let silent = false;
  let first: ScriptStep | undefined;
  const text = (stream: string, bytes: number): Buffer => {
    let made = '';
    while (made.length < bytes) {
      line += 1;
      const odd = random.chance(0.06) ? random.pick(['', ...oddities]) : '';
      const told = random.chance(0.02) ? ` with ${secret}` : '';
      made += `${odd}${odd === '' ? '' : '\n'}${stream} line ${line}${told} ${'x'.repeat(random.int(0, 60))}\n`;
    }
    return Buffer.from(random.chance(0.1) ? made.slice(0, -1) : made);
  };
  const times = Array.from({ length: plan.prints }, (_, index) => {
    const share = (index + random.next()) / plan.prints;
    return startAt + share * plan.running * 0.999;
  });
  for (const time of times) {
    for (let cut = cuts[0]; cut && cut.at <= time; cut = cuts[0]) {
      cuts.shift();
      steps.push(...cutStep(cut, first));
      if (cut.event.kind.startsWith('restart')) silent = cut.event.kind === 'restart-silent';
    }
    if (silent) continue;
    const step = {
      at: time,
      stdout: text('out', random.int(0, 2 * plan.bytes)),
      stderr: text('err', random.int(0, 2 * plan.bytes)),
    };
    first ??= step;
    steps.push(step);
  }
  for (const cut of cuts) steps.push(...cutStep(cut, first));
  return steps;
}

function cutStep(
  cut: { event: BatchEvent; at: number },
  first: ScriptStep | undefined,
): ScriptStep[] {
  const { event, at } = cut;
  if (event.kind === 'roll') return [{ at, roll: event.stream ?? 'stderr' }];
  if (event.kind !== 'restart-same-bytes' || !first) return [{ at, restart: true }];
  const { stdout = '', stderr = '' } = first;
  return [{ at, restart: true, stdout, stderr }];
}
