import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 3: nothing left behind; bug class 3. */
const signals = [
  ...mutantsOf('main.ts', [
    {
      id: 'nothing-left/sigint',
      breaks: '3: handlers (SIGINT, …) stand before the first request',
      find: `['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']`,
      replace: `['SIGTERM', 'SIGHUP', 'SIGBREAK']`,
    },
    {
      id: 'nothing-left/sigterm',
      breaks: '3: handlers (…, SIGTERM, …) stand before the first request',
      find: `['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']`,
      replace: `['SIGINT', 'SIGHUP', 'SIGBREAK']`,
    },
    {
      id: 'nothing-left/sighup',
      breaks: '3: handlers (…, SIGHUP, …) stand before the first request',
      find: `['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']`,
      replace: `['SIGINT', 'SIGTERM', 'SIGBREAK']`,
    },
    {
      id: 'nothing-left/a-log-that-nobody-reads',
      breaks: '3: nothing left behind (the runner is gone, and with it the reader of the log)',
      find: `stream.on('error', () => interrupt.raise('SIGHUP'));`,
      replace: `stream.on('error', () => undefined);`,
    },
  ]),
  ...mutantsOf('job/follow.ts', [
    {
      id: 'nothing-left/during-a-status-read',
      breaks: '3: within 1 s of the signal: a known id gets its DELETE (a status read hangs)',
      find: `const read = await within(clock, longest, get, signal);`,
      replace: `const read = await within(clock, longest, get);`,
    },
    {
      id: 'nothing-left/during-a-wait',
      breaks: '3: within 1 s of the signal: a known id gets its DELETE (between two ticks)',
      find: `await clock.sleep(pause, signal);`,
      replace: `await clock.sleep(pause);`,
    },
    {
      id: 'nothing-left/during-a-log-read',
      breaks: '3: within 1 s of the signal: a known id gets its DELETE (a log read hangs)',
      find: `await within(clock, longest, (limit) => log.tick(application ?? '', limit), signal);`,
      replace: `await within(clock, longest, (limit) => log.tick(application ?? '', limit));`,
    },
    {
      id: 'nothing-left/a-fault-in-the-log',
      breaks: '3: an error of our own in log is a warning, never the verdict, never a cancel',
      find: `      this.#logFault = true;\n`,
      replace: `      throw thrown;\n`,
    },
  ]),
  ...mutantsOf('livy/livy.ts', [
    {
      id: 'nothing-left/during-a-pause',
      breaks: '3: within 1 s of the signal: a known id gets its DELETE (Fabric asked for a pause)',
      find: `url: one(id), ownConnection, urgent: true };`,
      replace: `url: one(id), ownConnection, urgent: false };`,
    },
    {
      id: 'nothing-left/post-is-let-finish',
      breaks: '3: a POST under way is let finish and its answer gets the DELETE',
      find: `client.send({\n        method: 'POST',\n        url: batches,\n        headers: { 'content-type': 'application/json' },\n        body: JSON.stringify(body),\n        ownConnection: true,\n        unlessAborted: unless,\n      }),`,
      replace: `client.send({\n        method: 'POST',\n        url: batches,\n        headers: { 'content-type': 'application/json' },\n        body: JSON.stringify(body),\n        ownConnection: true,\n        unlessAborted: unless,\n      }, { signal: unless }),`,
    },
    {
      id: 'nothing-left/post-not-sent-in-a-pause',
      breaks: '3: a POST not sent never is (it waited for a pause)',
      find: `        unlessAborted: unless,\n`,
      replace: ``,
    },
  ]),
  ...mutantsOf('livy/submit.ts', [
    {
      id: 'nothing-left/post-has-time',
      breaks: '3: a POST under way is let finish',
      find: `const afterSignal = 6_000;`,
      replace: `const afterSignal = 600;`,
    },
    {
      id: 'nothing-left/search-beside',
      breaks: '3: … while the search starts beside it',
      find: `return await Promise.race([answered, beside, late]);`,
      replace: `return await Promise.race([answered, beside.then(() => answered), late]);`,
    },
  ]),
  ...mutantsOf('http/client.ts', [
    {
      id: 'nothing-left/post-not-sent',
      breaks: '3: a POST not sent never is (the signal came while a token was renewed)',
      find: `    if (request.unlessAborted?.aborted) throw notSent();\n`,
      replace: ``,
    },
  ]),
  ...mutantsOf('auth/bearer.ts', [
    {
      id: 'nothing-left/token-at-hand',
      breaks: '3: a token is always at hand, so that DELETE needs no sign-in',
      find: `const token = this.#tokens.atHand(this.#scope);`,
      replace: `const token = await this.#tokens.get(this.#scope);`,
    },
  ]),
  ...mutantsOf('auth/tokens.ts', [
    {
      id: 'nothing-left/token-good-for-10-minutes',
      breaks: '3: a Fabric token GOOD FOR 10 MINUTES is always at hand',
      find: `const renewAhead = 15 * 60_000;`,
      replace: `const renewAhead = 5 * 60_000;`,
    },
    {
      id: 'nothing-left/the-refused-token-is-tried',
      breaks:
        '3: a token is ALWAYS at hand (the last one was refused once, and there is no other yet)',
      find: `?.token ?? this.#refused.get(scope);`,
      replace: `?.token;`,
    },
  ]),
  ...mutantsOf('job/endings.ts', [
    {
      id: 'nothing-left/hurry',
      breaks: '3, 10: what became of the DELETE is said before the runner kills the step at 10 s',
      find: `requestCancel(place.livy, clock, batch.id, cause === 'cancel');`,
      replace: `requestCancel(place.livy, clock, batch.id, false);`,
    },
    {
      id: 'nothing-left/settled',
      breaks: '3: `post` does nothing after a verdict',
      find: `  save(world.runner, 'settled', verdict.result);\n`,
      replace: ``,
    },
    {
      id: 'nothing-left/a-fault-at-the-end-of-the-log',
      breaks: '3: an error of our own in log is a warning, never the verdict',
      find: `step.world.runner.warning(\`The log is not shown to its end: \${messageOf(thrown)}\`);`,
      replace: `throw thrown;`,
    },
    {
      id: 'nothing-left/upload-of-a-refused-submit',
      breaks: '3: nothing left behind (the upload of a submit that Fabric refused)',
      find: `  await removeUploadAtEnd(step);\n  return thrown;`,
      replace: `  return thrown;`,
    },
  ]),
  ...mutantsOf('job/cancel.ts', [
    {
      id: 'nothing-left/refused-delete',
      breaks: '3, class 3: nothing left behind (a DELETE that was refused is sent again)',
      find: `if (answer && (answer.status < 300 || answer.status === 404)) {`,
      replace: `if (answer && answer.status < 500) {`,
    },
    {
      id: 'nothing-left/delete-401',
      breaks: '3, 6: nothing left behind (a DELETE with a token that is no longer good)',
      find: `return atOnce && atOnce.status !== 401 ? atOnce : livy.cancel(batchId, options);`,
      replace: `return atOnce ?? livy.cancel(batchId, options);`,
    },
  ]),
];

const faults = [
  ...mutantsOf('job/outcome.ts', [
    {
      id: 'nothing-left/a-fault-in-the-summary',
      breaks: '3: an error of our own in summary is a warning, never the verdict',
      find: `runner.warning(\`The job summary could not be written: \${messageOf(thrown)}\`);`,
      replace: `throw thrown;`,
    },
  ]),
  ...mutantsOf('job/upload-folder.ts', [
    {
      id: 'nothing-left/a-fault-in-the-clean-up',
      breaks: '3: an error of our own in clean-up (of the upload) is a warning, never the verdict',
      find: `runner.warning(\`The upload could not be deleted: \${folder} (\${messageOf(thrown)})\`);`,
      replace: `throw thrown;`,
    },
  ]),
  ...mutantsOf('log/record.ts', [
    {
      id: 'nothing-left/a-full-disk',
      breaks:
        '3: an error of our own in log is a warning (a full disk costs the file, not the log)',
      find: `      this.#onTrouble(thrown);\n`,
      replace: `      throw thrown;\n`,
    },
  ]),
];

const post = mutantsOf('cleanup.ts', [
  {
    id: 'nothing-left/post-by-nonce',
    breaks: '3: `post` looks again, by id or NONCE (main was killed during the POST)',
    find: `const nonces = unheard ? [...doubts, nonce] : doubts;`,
    replace: `const nonces = doubts;`,
  },
  {
    id: 'nothing-left/post-waits',
    breaks: '3: `post` waits up to 4 MINUTES for a terminal state',
    find: `const longestWait = 4 * 60_000;`,
    replace: `const longestWait = 60_000;`,
  },
  {
    id: 'nothing-left/post-says-stopping',
    breaks: '3: `post` says `stopped`, `STOPPING`, `STILL RUNNING`',
    find: `/cancelling|shutting_down/i.test(words)`,
    replace: `/shutting_down/i.test(words)`,
  },
  {
    id: 'nothing-left/post-says-still-running',
    breaks: '3: `post` says `STILL RUNNING`',
    find: `/cancelling|shutting_down/i.test(words)`,
    replace: `/cancelling|shutting_down|running/i.test(words)`,
  },
  {
    id: 'nothing-left/post-gives-the-link',
    breaks: '3: `STILL RUNNING` (WITH THE LINK)',
    find: `after \${duration(longest)}: \${runUrl(inputs, place.lakehouseId, batchId)}\``,
    replace: `after \${duration(longest)}: \${runUrl(inputs, place.lakehouseId, batchId).length}\``,
  },
  {
    id: 'nothing-left/post-says-may-appear',
    breaks: '3: `post` says `not found, may still appear`',
    find: `  if (batchId === '' && (await found)?.ids.length === 0) {\n`,
    replace: `  if (batchId === '' && (await found)?.ids.length === 0) return false;\n  if (batchId === '' && digitsOf(nonces) === '') {\n`,
  },
  {
    id: 'nothing-left/post-is-no-verdict',
    breaks: '3: an error of our own in clean-up is a warning, never the verdict',
    find: `    runner.warning(\`The clean-up could not be finished: \${text}\`);`,
    replace: `    if (text) return false;`,
  },
]);

const ends = mutantsOf('job/batch-end.ts', [
  {
    id: 'nothing-left/post-waits-for-a-terminal-state',
    breaks: '3: `post` waits for a TERMINAL state (one 404 is none)',
    find: `missing: 60_000 };`,
    replace: `missing: 0 };`,
  },
]);

export const nothingLeft: readonly Mutant[] = [...signals, ...faults, ...post, ...ends];
