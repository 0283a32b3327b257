import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 5: the log is whole; bug class 4. */
const following = mutantsOf('log/follower.ts', [
  {
    id: 'whole-log/a-reply-joins',
    breaks: '5: a reply counts as new only if it JOINS what was read: no byte twice',
    find: `start.equals(tail) && (!this.#bookmark.repetitive`,
    replace: `start.length === tail.length && (!this.#bookmark.repetitive`,
  },
  {
    id: 'whole-log/one-line-over-and-over',
    breaks: '5: no byte twice (the whole file comes back, and it is one line over and over)',
    find: `(!this.#bookmark.repetitive || (await`,
    replace: `(this.#bookmark.position > 0 || (await`,
  },
  {
    id: 'whole-log/one-line-over-and-over-by-length',
    breaks: '5: no byte twice (the whole file comes back, and it is one line over and over)',
    find: `length >= this.#bookmark.position + after;`,
    replace: `length >= this.#bookmark.position;`,
  },
  {
    id: 'whole-log/no-offsets',
    breaks: '5: where offsets do not serve: … the whole file again',
    find: `thrown.status === 400 && position > 0)`,
    replace: `thrown.status === 416 && position > 0)`,
  },
  {
    id: 'whole-log/only-when-doubled',
    breaks: '5: the whole file again, ONLY WHEN IT HAS DOUBLED',
    find: `length < 2 * position) return;`,
    replace: `length <= position) return;`,
  },
  {
    id: 'whole-log/coarse-is-told',
    breaks: '5: … and a line says that the log is coarse',
    find: `if (!this.#coarse) this.#sinks.event({ kind: 'coarse' });`,
    replace: `if (this.#coarse) this.#sinks.event({ kind: 'coarse' });`,
  },
  {
    id: 'whole-log/shorter-at-the-end',
    breaks: '5: none lost (a new attempt whose file is shorter than what was read)',
    find: `position > 0 && length === position) return;`,
    replace: `position > 0 && length <= position) return;`,
  },
  {
    id: 'whole-log/empty-at-the-end',
    breaks: '5: none lost (a file that is empty, after one that was rolled away unread)',
    find: `length !== undefined && position > 0 && length`,
    replace: `length !== undefined && length`,
  },
  {
    id: 'whole-log/attempts-of-quiet-streams',
    breaks: '5: a new attempt (a headline, while the application runs)',
    find: `(this.#named.isNew || this.#quiet >= looksFurther)`,
    replace: `this.#named.isNew`,
  },
  {
    id: 'whole-log/attempts-at-the-end',
    breaks: '5: a new attempt: none lost (it began in the last second)',
    find: `    await this.#named?.toLastAttempt(signal);\n    const length`,
    replace: `    const length`,
  },
  {
    id: 'whole-log/cut-reply',
    breaks: '5: no byte twice (a reply that was cut is no new file)',
    find: `if (caughtUp || place === 'short') return;`,
    replace: `if (caughtUp) return;`,
  },
  {
    id: 'whole-log/starts-anew-is-told',
    breaks: '5: the log says … what was lost',
    find: `    this.#sinks.event({ kind: 'restarted', after: this.#bookmark.position });\n`,
    replace: ``,
  },
  {
    id: 'whole-log/starts-anew-is-read',
    breaks: '5: none lost (a file that starts anew is read from its first byte)',
    find: `    this.#bookmark.reset();\n    await this.#readWhole(signal);`,
    replace: `    await this.#readWhole(signal);`,
  },
]);

const place = mutantsOf('log/bookmark.ts', [
  {
    id: 'whole-log/same-beginning',
    breaks: '5: none lost (another file with the same beginning): the remembered tail is compared',
    find: `return end.equals(this.#tail) ? 'joined' : 'other';`,
    replace: `return end.length === this.#tail.length ? 'joined' : 'other';`,
  },
  {
    id: 'whole-log/other-beginning',
    breaks: '5: none lost (a new attempt begins with other bytes)',
    find: `if (!start.equals(this.#head.subarray(0, start.length))) return 'other';`,
    replace: `if (start.length > this.#head.length) return 'other';`,
  },
]);

const live = mutantsOf('job/live-log.ts', [
  {
    id: 'whole-log/new-application',
    breaks: '5: a new attempt (a headline)',
    find: `      runner.info(\`A new application serves the batch: \${applicationId}.\`);\n`,
    replace: ``,
  },
  {
    id: 'whole-log/earlier-application',
    breaks: '5: none lost (the log of an earlier application is read to its end)',
    find: `      if (!(await this.#drainAll(signal))) return false;\n`,
    replace: ``,
  },
  {
    id: 'whole-log/lag-after-the-end',
    breaks: '5: none lost that the server still serves (the log lags behind the verdict)',
    find: `follower.read === before && drain.readings > 1;`,
    replace: `follower.read === before;`,
  },
  {
    id: 'whole-log/growth-after-the-end',
    breaks: '5: none lost that the server still serves (the log still grows after the verdict)',
    find: `const lastReadings = { most: 6,`,
    replace: `const lastReadings = { most: 1,`,
  },
  {
    id: 'whole-log/absent-at-the-end',
    breaks: '5: none lost that the server still serves (the log is there seconds after the end)',
    find: `const absentReadings = { most: 8,`,
    replace: `const absentReadings = { most: 1,`,
  },
  {
    id: 'whole-log/loss-is-told',
    breaks: '5: the log says … what was lost, HOW MUCH where that can be known',
    find: `if (follower.missing > 0)`,
    replace: `if (follower.missing < 0)`,
  },
  {
    id: 'whole-log/unserved-is-told',
    breaks: '5: the log says … what was lost (a stream that is not served, beside one that is)',
    find: `return this.#anySeen ? [`,
    replace: `return !this.#anySeen ? [`,
  },
  {
    id: 'whole-log/no-longer-served-is-told',
    breaks: '5: the log says … what was lost (a stream that is served no more)',
    find: `    if (follower.unserved)\n`,
    replace: `    if (follower.unserved && follower.missing > 0)\n`,
  },
  {
    id: 'whole-log/unread-is-told',
    breaks: '5: the log says … what was lost (a stream that cannot be read to its end)',
    find: `if (why !== '')\n`,
    replace: `if (why === 'x')\n`,
  },
  {
    id: 'whole-log/cut-short-is-told',
    breaks: '5: the log says … what was lost (a signal during the last reading)',
    find: `if (!whole) this.#parts.runner.info(this.#cutShort);`,
    replace: `if (!whole) return;`,
  },
  {
    id: 'whole-log/silent-api',
    breaks: '5, whatever the server does (it says nothing): the step ends within its limits',
    find: `drain.silent >= mostSilent;`,
    replace: `drain.silent >= 600 * mostSilent;`,
  },
  {
    id: 'whole-log/livy-log-only-without-a-driver-log',
    breaks: '5: sources IN ORDER: driver log; …; the Livy log',
    find: `else if (!this.#anySeen)`,
    replace: `else`,
  },
  {
    id: 'whole-log/live',
    breaks: '5, class 4: each tick’s stderr is shown in that tick, not at the end',
    find: `      await stream.closeGroup();\n`,
    replace: `      if (signal.aborted) await stream.closeGroup();\n`,
  },
]);

const shown = mutantsOf('job/shown-stream.ts', [
  {
    id: 'whole-log/folded',
    breaks: '5: stdout prints plainly; stderr is a FOLDED group',
    find: `if (this.name === 'stdout') return this.#write(lines);`,
    replace: `if (this.name === 'stdout' || lines.count === 1) return this.#write(lines);`,
  },
  {
    id: 'whole-log/folded-with-its-count',
    breaks: '5: a folded group `Spark log, N LINES`',
    find: `\`Spark log, \${counted(lines.count)}\``,
    replace: `\`Spark log, \${counted(this.record.lines)}\``,
  },
  {
    id: 'whole-log/fifty-lines',
    breaks: '5: after a failure its last 50 LINES stand unfolded',
    find: `const unfoldedAfterFailure = 50;`,
    replace: `const unfoldedAfterFailure = 15;`,
  },
  {
    id: 'whole-log/last-lines',
    breaks: '5: after a failure its LAST 50 lines stand unfolded',
    find: `this.record.tail.slice(-unfoldedAfterFailure);`,
    replace: `this.record.tail.slice(0, unfoldedAfterFailure);`,
  },
  {
    id: 'whole-log/limit-a-stream',
    breaks: '2, `log-limit`: MB a stream in the job log',
    find: `this.#shownBytes += within.bytes.length;`,
    replace: `this.#shownBytes = within.bytes.length;`,
  },
  {
    id: 'whole-log/limit-last-lines',
    breaks: '2, `log-limit`: … and the last 200 LINES',
    find: `const lastBeyondLimit = 200;`,
    replace: `const lastBeyondLimit = 50;`,
  },
  {
    id: 'whole-log/limit-no-line-twice',
    breaks: '5: no byte twice (fewer than 200 lines stand beyond `log-limit`)',
    find: `.slice(-Math.min(this.#beyond, lastBeyondLimit));`,
    replace: `.slice(-lastBeyondLimit);`,
  },
  {
    id: 'whole-log/limit-notice',
    breaks: '2, `log-limit`: … then a NOTICE',
    find: `      this.#parts.runner.notice(`,
    replace: `      this.#parts.runner.info(`,
  },
]);

const submitLog = mutantsOf('job/submit-log.ts', [
  {
    id: 'whole-log/log-array-last',
    breaks: '5: sources in order: …; the `log` array of the batch',
    find: `if (follower.read === 0) {`,
    replace: `if (follower.read > 0) {`,
  },
  {
    id: 'whole-log/source-is-told',
    breaks: '5: the log says which one serves',
    find: `    if (!headed) runner.info(\`There is no driver log; this is \${from}.\`);\n`,
    replace: `    if (from === '') runner.info('There is no driver log.');\n`,
  },
]);

const rolled = [
  ...mutantsOf('log/named-files.ts', [
    {
      id: 'whole-log/rolled-once',
      breaks: '5: rolled files by name: no byte twice',
      find: `      }\n      this.#done.add(name);\n`,
      replace: `      }\n`,
    },
    {
      id: 'whole-log/rolled-from-where-it-was-read',
      breaks: '5: rolled files by name: no byte twice, none lost (a part was read before)',
      find: `      if (place === 'short') this.#bookmark.leave(reply.taken);\n      else {`,
      replace: `      if (place === 'short') this.#bookmark.reset();\n      else {`,
    },
    {
      id: 'whole-log/attempt-headline',
      breaks: '5: a new attempt (A HEADLINE)',
      find: `    this.#sinks.event({ kind: 'attempt', number: attempt + 1 });\n`,
      replace: ``,
    },
    {
      id: 'whole-log/attempts-between',
      breaks: '5: a new attempt: none lost (two attempts passed between two looks)',
      find: `      this.#attempt = 1;\n`,
      replace: `      this.#attempt = Math.max(1, last - 1);\n`,
    },
    {
      id: 'whole-log/attempts-alike',
      breaks:
        '5: a new attempt: no byte twice, none lost (it begins with the bytes of the one before)',
      find: `return this.#files.file(this.#name, this.#attempt);`,
      replace: `return this.#files.file(this.#name);`,
    },
    {
      id: 'whole-log/first-questions-are-asked-again',
      breaks: '5: none lost (a look that was cut does not take the last attempt for the first)',
      find: `if (signal?.aborted) throw thrown;`,
      replace: `if (signal?.aborted) return undefined;`,
    },
    {
      id: 'whole-log/attempts-untold',
      breaks: '5: a new attempt: none lost (the session does not tell its number)',
      find: `if (!(await this.#isThere(attempt + 1, signal))) return false;`,
      replace: `if (attempt > 0) return false;`,
    },
    {
      id: 'whole-log/unlisted-is-told',
      breaks: '5: the log says … what was lost (the files cannot be listed)',
      find: `this.#sinks.event({ kind: 'unlisted' });`,
      replace: `this.#failures.list = 0;`,
    },
    {
      id: 'whole-log/unlisted-at-a-late-reading',
      breaks:
        '5: the log says … what was lost (no files are listed, and the first reading is late)',
      find: `this.#unlisted = !files;`,
      replace: `this.#unlisted = false;`,
    },
    {
      id: 'whole-log/attempts-without-number',
      breaks: '5: whatever the server does: (it serves no attempt by its number)',
      find: `    this.#attempt = undefined;\n    return true;`,
      replace: `    return true;`,
    },
    {
      id: 'whole-log/rest-of-an-attempt',
      breaks: '5: a new attempt: none lost (the rest of the one before is read)',
      find: `const pending = files.filter(({ name }) => !this.#done.has(name));\n    if (!(await`,
      replace: `const pending = files.filter(({ name }) => name === '');\n    if (!(await`,
    },
  ]),
  ...mutantsOf('log/sources.ts', [
    {
      id: 'whole-log/rolled-in-order',
      breaks: '5: order kept within a stream (rolled files)',
      find: `    one.changed - other.changed ||`,
      replace: `    other.changed - one.changed ||`,
    },
    {
      id: 'whole-log/growing-file-last',
      breaks: '5: order kept within a stream (the file that grows is the last)',
      find: `    growing(one.name) - growing(other.name) ||`,
      replace: `    growing(other.name) - growing(one.name) ||`,
    },
  ]),
  ...mutantsOf('log/follower.ts', [
    {
      id: 'whole-log/rolled-while-coarse',
      breaks: '5: where offsets do not serve: ROLLED FILES BY NAME; failing that the whole file',
      find: `if (pending.length > 1) await this.#catchUp(signal);`,
      replace: `if (pending.length > 100) await this.#catchUp(signal);`,
    },
  ]),
];

const sources = [
  ...mutantsOf('log/sources.ts', [
    {
      id: 'whole-log/livy-type',
      breaks: '5: the Livy log (`applications/none/logs?type=livy`)',
      find: `logsOf(client, address, 'none'), 'type=livy')`,
      replace: `logsOf(client, address, 'none'), 'type=driver')`,
    },
    {
      id: 'whole-log/livy-address',
      breaks: '5: the Livy log (`APPLICATIONS/NONE/logs?type=livy`)',
      find: `logsOf(client, address, 'none'), 'type=livy')`,
      replace: `logsOf(client, address, address.batchId), 'type=livy')`,
    },
    {
      id: 'whole-log/404-before-the-start',
      breaks: '5: whatever the server does: …, 404 before the start',
      find: `const none = new Set([204, 404]);`,
      replace: `const none = new Set([204]);`,
    },
  ]),
  ...mutantsOf('job/endings.ts', [
    {
      id: 'whole-log/log-array',
      breaks: '5: sources in order: …; the `log` array of the batch',
      find: `batch.log.finish(facts.applicationId, status?.log ?? [], interrupt.signal),`,
      replace: `batch.log.finish(facts.applicationId, status?.messages ?? [], interrupt.signal),`,
    },
    {
      id: 'whole-log/unfolded-after-failure',
      breaks: '5: AFTER A FAILURE its last 50 lines stand unfolded',
      find: `if (verdict.result === 'Failed') await`,
      replace: `if (verdict.result === 'Unknown') await`,
    },
    {
      id: 'whole-log/rest-after-a-signal',
      breaks: '5: none lost (what is at hand when the signal comes: a line without its end)',
      find: `  const fate = await endOurs(step, place, batch, 'cancel');\n  await showRest(step, () => batch.log.cutShort());\n`,
      replace: `  const fate = await endOurs(step, place, batch, 'cancel');\n`,
    },
  ]),
  ...mutantsOf('log/record.ts', [
    {
      id: 'whole-log/last-line',
      breaks: '5: none lost (the last line has no line feed)',
      find: `return this.#keep(joined([lines, this.#decoder.end()]));`,
      replace: `return this.#keep(lines);`,
    },
    {
      id: 'whole-log/held-back',
      breaks: '5: none lost (bytes held back since they could begin a secret)',
      find: `const lines = this.#write(this.#redactor.end());`,
      replace: `const lines = this.#write(this.#redactor.push(new Uint8Array()));`,
    },
    {
      id: 'whole-log/file',
      breaks: '2, `log-path`: the bytes served, less our secrets',
      find: `at += writeSync(this.#file, clean, at);`,
      replace: `at += Math.max(clean.length, writeSync(this.#file, clean.toString('utf8')));`,
    },
  ]),
];

export const wholeLog: readonly Mutant[] = [
  ...following,
  ...place,
  ...live,
  ...shown,
  ...submitLog,
  ...rolled,
  ...sources,
];
