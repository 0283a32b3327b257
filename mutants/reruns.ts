import { mutantsOf, type Mutant } from './mutant.ts';

/** `on-rerun`: what becomes of a batch that a lower attempt left (section 2; rules 2 and 4). */
export const reruns: readonly Mutant[] = [
  ...mutantsOf('livy/lineage.ts', [
    {
      id: 'reruns/lineage',
      breaks: '2, `on-rerun`: a lower attempt OF THIS CALL',
      find: `batch.tags['lineage'] === own.lineage && lower`,
      replace: `lower`,
    },
    {
      id: 'reruns/lower-attempt',
      breaks: '2, `on-rerun`: a LOWER attempt',
      find: `attempt < own.attempt;`,
      replace: `attempt <= own.attempt;`,
    },
    {
      id: 'reruns/active',
      breaks: '2, `on-rerun`: left a batch that is ACTIVE',
      find: `if (!isOver(batch)) return true;`,
      replace: `return true;`,
    },
    {
      id: 'reruns/being-cancelled',
      breaks:
        '2, `on-rerun`: a batch that is ACTIVE is followed (one that is being cancelled is not)',
      find: `if (isBeingCancelled(match)) return`,
      replace: `if (isBeingCancelled(match) && isOver(match)) return`,
    },
    {
      id: 'reruns/succeeded-only-by-attach',
      breaks: '2, `on-rerun`: `attach` (alone) also takes one that succeeded',
      find: `return word === 'attach' && succeeded(batch)`,
      replace: `return succeeded(batch)`,
    },
    {
      id: 'reruns/attach-takes-the-failed',
      breaks: '2, `on-rerun`: `attach` also takes one that SUCCEEDED',
      find: `word === 'attach' && succeeded(batch) &&`,
      replace: `word === 'attach' &&`,
    },
    {
      id: 'reruns/ambiguous',
      breaks: '2, `on-rerun`: more than one match: nothing is touched',
      find: `  if (second) return { kind: 'ambiguous', batches: matches };\n`,
      replace: `  void second;\n`,
    },
    {
      id: 'reruns/fingerprint',
      breaks: '2, `on-rerun`: follows it if request fingerprint … are the same',
      find: `if (batch.tags['fingerprint'] !== own.fingerprint)`,
      replace: `if (batch.tags['fingerprint'] === undefined)`,
    },
    {
      id: 'reruns/submitter',
      breaks: '2, `on-rerun`: follows it if … submitter are the same',
      find: `batch.submitterId === own.submitterId;`,
      replace: `batch.submitterId !== undefined;`,
    },
    {
      id: 'reruns/unknown-submitter',
      breaks: '2, `on-rerun`: the submitter must be known to be the same',
      find: `const same = own.submitterId !== undefined && batch`,
      replace: `const same = own.submitterId === undefined || batch`,
    },
    {
      id: 'reruns/new-cancels',
      breaks: '2, `on-rerun`: `new` cancels it, waits for its end, then submits',
      find: `if (word === 'new') return { kind: 'cancel', batch: match };`,
      replace: `if (word === 'new') return { kind: 'none' };`,
    },
  ]),
  ...mutantsOf('job/rerun.ts', [
    {
      id: 'reruns/first-attempt-reads-no-list',
      breaks: '2: no list is read on a first attempt that goes well',
      find: `if (!(attempt > 1)) return undefined;`,
      replace: `if (!(attempt > 0)) return undefined;`,
    },
    {
      id: 'reruns/waits-for-the-end',
      breaks: '2, `on-rerun`: `new` … WAITS FOR ITS END, then submits',
      find: `if (end.kind === 'over') return;`,
      replace: `return;`,
    },
    {
      id: 'reruns/attached-is-for-post',
      breaks: '3, endings; rule 4: a batch that was attached is ours, and post ends it',
      find: `  save(runner, 'batchId', batch.id);\n`,
      replace: ``,
    },
    {
      id: 'reruns/uploads-of-the-first-attempt',
      breaks: '9: uploads are deleted when their batch is proven terminal (attached)',
      find: `    beginUploads(step, place.lake, folder);\n`,
      replace: ``,
    },
    {
      id: 'reruns/the-batch-itself-is-read',
      breaks: '2, `on-rerun`: ACTIVE (the list may lag)',
      find: `  if (seen === undefined || seen === 'gone') return batch;\n`,
      replace: `  if (seen !== 'gone') return batch;\n`,
    },
    {
      id: 'reruns/tags-are-dropped',
      breaks: '2, `on-rerun`: a list without tags is told of',
      find: `batches.every(({ tags })`,
      replace: `!batches.every(({ tags })`,
    },
    {
      id: 'reruns/attached-word',
      breaks: '2, outputs: `submission` is `attached`',
      find: `how: 'attached',`,
      replace: `how: 'adopted',`,
    },
    {
      id: 'reruns/names-run-key',
      breaks: '2, `on-rerun`: more than one match: the step fails and NAMES `run-key`',
      find: `two steps of a workflow share a run-key, give each a run-key of its own`,
      replace: `two steps of a workflow are alike, tell them apart`,
    },
    {
      id: 'reruns/link',
      breaks: '2, `on-rerun`: else fails before the submit WITH ITS LINK',
      find: `(\${why.join('; ')}): \${link}`,
      replace: `(\${why.join('; ')})`,
    },
  ]),
  ...mutantsOf('job/whole-list.ts', [
    {
      id: 'reruns/unreadable-list',
      breaks: '2, `on-rerun`: what cannot be seen is not guessed at',
      find: `    if (pause === undefined) break;\n`,
      replace: `    if (pause === undefined) return [];\n`,
    },
  ]),
  ...mutantsOf('job/batch.ts', [
    {
      id: 'reruns/time-from-acceptance',
      breaks: '2, `timeout-minutes`: FROM ACCEPTANCE (also of a batch that was attached)',
      find: `Math.min(status.acceptedAt ?? now, now)`,
      replace: `Math.max(status.acceptedAt ?? now, now)`,
    },
  ]),
  ...mutantsOf('livy/request.ts', [
    {
      id: 'reruns/lineage-of-the-run',
      breaks: '2: `lineage`: hash of server, repository, RUN ID, workflow, `run-key`',
      find: `[serverUrl, repository, runId, workflow, runKey]`,
      replace: `[serverUrl, repository, workflow, runKey]`,
    },
    {
      id: 'reruns/fingerprint-of-the-contents',
      breaks: '2: `fingerprint`: file contents in place of upload URIs',
      find: `(contents.get(value) ?? value)`,
      replace: `value`,
    },
    {
      id: 'reruns/placeholder-once',
      breaks: '2: `{submission}`, `{run-id}`, `{attempt}` are replaced (each read once)',
      find: `text.replace(/\\{(?:submission|run-id|attempt)\\}/g`,
      replace: `text.replace(/\\{(?:submission|run-id|attempt)\\}/`,
    },
    {
      id: 'reruns/placeholder-in-conf',
      breaks: '2: placeholders are replaced in values of `conf`',
      find: `[key, filled(value, words)]`,
      replace: `[key, value]`,
    },
    {
      id: 'reruns/placeholder-in-args',
      breaks: '2: placeholders are replaced in `args`',
      find: `args.map((arg) => filled(arg, words))`,
      replace: `args`,
    },
  ]),
];
