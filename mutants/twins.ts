import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 2: what follows where the fate of a submit stays unknown. */
export const twins: readonly Mutant[] = [
  ...mutantsOf('job/submission.ts', [
    {
      id: 'twins/resubmit-not-after-acceptance',
      breaks:
        '2, class 2: accepted without a readable id: … never send again (with `resubmit` too)',
      find: `    !first.accepted &&\n`,
      replace: ``,
    },
    {
      id: 'twins/resubmit-once',
      breaks: '2, `on-unconfirmed`: `resubmit` ONCE',
      find: `    !step.resubmitted &&\n`,
      replace: ``,
    },
    {
      id: 'twins/resubmit-at-all',
      breaks: '2: not found follows `on-unconfirmed`',
      find: `if (!again) throw first.error;`,
      replace: `if (!again || first.error.advice !== undefined) throw first.error;`,
    },
    {
      id: 'twins/doubt-is-saved',
      breaks: '2: later readings (…, in post) look for a twin',
      find: `      save(runner, 'doubts', step.doubts.join(','));\n`,
      replace: ``,
    },
  ]),
  ...mutantsOf('inputs.ts', [
    {
      id: 'twins/fails-by-default',
      breaks: '2, class 2: `on-unconfirmed`: default `fail`',
      find: `(text) => parseChoice(text, ['fail', 'resubmit']),\n      'fail',`,
      replace: `(text) => parseChoice(text, ['fail', 'resubmit']),\n      'resubmit',`,
    },
  ]),
  ...mutantsOf('livy/submit.ts', [
    {
      id: 'twins/doubt-is-told',
      breaks: '2: later readings look for a twin',
      find: `  parts.onDoubt();\n  parts.onWait(`,
      replace: `  parts.onWait(`,
    },
  ]),
  ...mutantsOf('job/twins.ts', [
    {
      id: 'twins/seen-once',
      breaks: '2: a twin … turns the step red (the list has forgotten it by then)',
      find: `new Set([...twins, ...listed])`,
      replace: `new Set(listed)`,
    },
    {
      id: 'twins/no-list-when-all-goes-well',
      breaks: '2: no list is read on a first attempt that goes well',
      find: `if (doubts.length === 0) return undefined;`,
      replace: `if (followed.length === 0) return undefined;`,
    },
    {
      id: 'twins/cancelled',
      breaks: '2: a twin, which is CANCELLED and turns the step red',
      find: `for (const id of ids) await requestCancel`,
      replace: `for (const id of ids.slice(1)) await requestCancel`,
    },
    {
      id: 'twins/told',
      breaks: '2: a twin, which is cancelled and turns the step RED',
      find: `return twinError(ids, batchId, place.livy.dialect.service);`,
      replace: `return doubts.length > 1 ? twinError(ids, batchId, place.livy.dialect.service) : undefined;`,
    },
  ]),
  ...mutantsOf('job/endings.ts', [
    {
      id: 'twins/red-beside-success',
      breaks: '2: a twin, which is cancelled and turns the step RED (though its batch succeeded)',
      find: `return twin ?? output ?? tests;`,
      replace: `return output ?? tests;`,
    },
  ]),
  ...mutantsOf('job.ts', [
    {
      id: 'twins/exit-code',
      breaks: '2: a twin turns the step RED: exit code 1',
      find: `const good = done && error === undefined;`,
      replace: `const good = done;`,
    },
  ]),
  ...mutantsOf('job/twins.ts', [
    {
      id: 'twins/before-a-submit-after-a-full-capacity',
      breaks: '2: never two that may both run (a gateway sent twice what the capacity turned away)',
      find: `  doubts.push(submission);\n  save(world.runner, 'doubts', doubts.join(','));\n  save(world.runner, 'doubtedAt', String(world.clock.now()));\n  return true;`,
      replace: `  return false;`,
    },
  ]),
  ...mutantsOf('cleanup.ts', [
    {
      id: 'twins/post-says-where-it-did-not-look',
      breaks: '3: `not found, may still appear` (the list could not be read late enough)',
      find: `    lateEnough = readAt >= since + searchSpan;`,
      replace: `    lateEnough = true;`,
    },
    {
      id: 'twins/post-looks',
      breaks: '2: later readings (before the verdict, IN POST) look for a twin',
      find: `if (settled && doubts.length === 0 && left === '') return true;`,
      replace: `if (settled && left === '') return true;`,
    },
    {
      id: 'twins/post-cancels',
      breaks: '2: … in post look for a twin, which is CANCELLED',
      find: `endings.set(id, endOne(rest, id));`,
      replace: `endings.set(id, waitUntilOver(rest, id));`,
    },
    {
      id: 'twins/post-is-red',
      breaks: '2: … in post look for a twin, which … turns the step RED',
      find: `  runner.error(errorText(twinError(news, batchId, service)), 'A second Spark batch was found');\n  return false;`,
      replace: `  runner.error(errorText(twinError(news, batchId, service)), 'A second Spark batch was found');\n  return true;`,
    },
    {
      id: 'twins/post-tells-once',
      breaks: '10: ONE error annotation (a twin that main told of is not told again)',
      find: `.filter((id) => !told.includes(id));`,
      replace: `.filter((id) => told.length === 0 || !known.includes(id));`,
    },
    {
      id: 'twins/post-spares-ours',
      breaks: '2: a TWIN is cancelled (what was followed is none)',
      find: `if (spared.includes(id) || endings.has(id)) continue;`,
      replace: `if (endings.has(id)) continue;`,
    },
    {
      id: 'twins/post-looks-on',
      breaks:
        '2: later readings (…, in post) look for a twin (beside the batch that was found first)',
      find: `    if (lateEnough) break;`,
      replace: `    if (carriersOf(batches, nonces).length > 0 || lateEnough) break;`,
    },
    {
      id: 'twins/post-counts-from-the-doubt',
      breaks: '2: at least three whole readings over 45 s (of the doubt; post does not wait again)',
      find: `return Number.isFinite(time) ? time : world.clock.now();`,
      replace: `return Number.isFinite(time) ? world.clock.now() : time;`,
    },
  ]),
  ...mutantsOf('post.ts', [
    {
      id: 'twins/post-exit-code',
      breaks: '2: … in post look for a twin, which … turns the step RED: exit code 1',
      find: `process.exitCode = clean ? 0 : 1;`,
      replace: `process.exitCode = clean ? 0 : 0;`,
    },
  ]),
];
