import { mutantsOf, type Mutant } from './mutant.ts';

/** `livy-url`: Apache Livy's dialect, its ring of log lines, its inputs. */
const dialect = mutantsOf('livy/apache.ts', [
  {
    id: 'apache-livy/no-tags',
    breaks: '2, `livy-url`: Livy refuses a body with tags',
    find: `JSON.stringify({ ...body, tags: undefined })`,
    replace: `JSON.stringify(body)`,
  },
  {
    id: 'apache-livy/csrf-header',
    breaks: '2, `livy-url`: a server with CSRF protection wants its header',
    find: `const headers = { 'x-requested-by': 'fabric-spark-batch' };`,
    replace: `const headers: Record<string, string> = {};`,
  },
  {
    id: 'apache-livy/refused-entry',
    breaks: '3: nothing left behind: the entry that a refused submit leaves is deleted',
    find: `if (refused && !dialect.nameTaken(answer)) await this.#forget(body.name);`,
    replace: ``,
  },
  {
    id: 'apache-livy/refused-entry-is-ours',
    breaks: '3: only what is ours is deleted',
    find: `if (batch.id === undefined || batch.name !== name) continue;`,
    replace: `if (batch.id === undefined) continue;`,
  },
  {
    id: 'apache-livy/name-taken',
    breaks: '2: a name that is taken is our own submit, which is looked for',
    find: `answer.status === 400 && /Duplicate session name/i`,
    replace: `answer.status === 409 && /Duplicate session name/i`,
  },
  {
    id: 'apache-livy/name-is-the-key',
    breaks: '2: the name is the once-only key: resubmit cannot make a second batch',
    find: `uniqueNames: true,`,
    replace: `uniqueNames: false,`,
  },
  {
    id: 'apache-livy/no-rerun-by-tags',
    breaks: '2, `livy-url`: `on-rerun` has no meaning',
    find: `keepsTags: false,`,
    replace: `keepsTags: true,`,
  },
  {
    id: 'apache-livy/wrong-address',
    breaks: '10: a 404 of the submit is a wrong livy-url, told at once',
    find: `mayBeNew: false,`,
    replace: `mayBeNew: true,`,
  },
  {
    id: 'apache-livy/id-with-name',
    breaks: '1: an id counts only with its name (ids begin at 0 after a restart)',
    find: `batchStatus(answer.json).name !== name;`,
    replace: `batchStatus(answer.json).name === '';`,
  },
  {
    id: 'apache-livy/strangers-are-spared',
    breaks: '3: a batch of another name under our id is not deleted',
    find: `if (seen.status === 404 || (seen.status === 200`,
    replace: `if ((seen.status === 200`,
  },
  {
    id: 'apache-livy/over-is-kept',
    breaks: '5: a batch that is over is not deleted, with its log',
    find: `if (seen.status === 404 || (seen.status === 200 && isOver(batchStatus(seen.json)))) return seen;`,
    replace: `if (seen.status === 404) return seen;`,
  },
  {
    id: 'apache-livy/deleted-is-killed',
    breaks: '3: the 404 after our own DELETE is the end',
    find: `if (gone && this.#ended.has(id))`,
    replace: `if (another && this.#ended.has(id))`,
  },
  {
    id: 'apache-livy/delete-is-remembered',
    breaks: '3: the 404 after our own DELETE is the end',
    find: `if (answer.status < 300) this.#ended.add(id);`,
    replace: ``,
  },
  {
    id: 'apache-livy/every-page',
    breaks: '2: every page of the list is searched',
    find: `\${this.#batches}?from=\${read}&size`,
    replace: `\${this.#batches}?from=0&size`,
  },
  {
    id: 'apache-livy/list-that-moves',
    breaks: '2: a WHOLE reading of the list, also when one is forgotten meanwhile',
    find: `if (moved) read = 0;`,
    replace: `if (moved && most < 0) read = 0;`,
  },
  {
    id: 'apache-livy/listed-with-name',
    breaks: '3, verdict: absent from the list: another batch under our id is not ours',
    find: `batch.id === id && (name === undefined || batch.name === name)`,
    replace: `batch.id === id`,
  },
  {
    id: 'apache-livy/log-of-a-stranger',
    breaks: '5: the log is that of our batch',
    find: `if (answer.status === 404) this.#lost.add(id);`,
    replace: `if (answer.status > 404) this.#lost.add(id);`,
  },
]);

const ring = mutantsOf('log/ring.ts', [
  {
    id: 'apache-livy/longest-overlap',
    breaks: '5: no line twice',
    find: `for (let count = most; count > 0; count -= 1) {`,
    replace: `for (let count = Math.min(1, most); count > 0 && count <= most; count += 1) {`,
  },
  {
    id: 'apache-livy/lost-is-told',
    breaks: '5: the log says what was lost',
    find: `if (overlap === 0) events.push({ kind: 'lost', kept: lines.length });`,
    replace: `if (overlap < 0) events.push({ kind: 'lost', kept: lines.length });`,
  },
  {
    id: 'apache-livy/chance-is-told',
    breaks: '5: two windows that join by chance: the log says what may be lost',
    find: `if (isStrong(lines, overlap) && !isStrong(lines, other)) return;`,
    replace: `if (!isStrong(lines, other)) return;`,
  },
  {
    id: 'apache-livy/no-join-by-chance',
    breaks: '5: none lost that the server still serves',
    find: `if (!stood && from > 0 && !isStrong(lines, overlap)) {`,
    replace: `if (!stood && from > 0 && overlap === 0) {`,
  },
  {
    id: 'apache-livy/start-may-be-lost',
    breaks: '5: the log says what was lost, before the first reading too',
    find: `if (total >= this.#smallest) this.#doubt = { total, atStart: true };`,
    replace: `if (total > this.#smallest) this.#doubt = { total, atStart: true };`,
  },
  {
    id: 'apache-livy/growth-settles',
    breaks: '5: the log says what was lost, and only that',
    find: `if (this.#doubt && total > this.#doubt.total) this.#doubt = undefined;`,
    replace: ``,
  },
  {
    id: 'apache-livy/doubt-is-told-once',
    breaks: '5: the log says what was lost, once',
    find: `this.#told ||= !doubt.atStart;`,
    replace: ``,
  },
]);

const log = mutantsOf('log/apache-log.ts', [
  {
    id: 'apache-livy/log-of-another',
    breaks: '5: the log is that of our batch',
    find: `if (lost()) return undefined;`,
    replace: ``,
  },
  {
    id: 'apache-livy/forgotten-is-told',
    breaks: '5: the log says what was lost',
    find: `this.#unserved = !(await this.#readOn(signal));`,
    replace: `this.#unserved = !(await this.#readOn(signal)) && !this.#seen;`,
  },
  {
    id: 'apache-livy/last-doubt-is-told',
    breaks: '5: the log says what was lost',
    find: `    await this.#deliver([], this.#stdout.finish());\n`,
    replace: ``,
  },
  {
    id: 'apache-livy/diagnostics',
    breaks: '5: the log is whole: what stands under other headings too',
    find: `if (!known && lines.length > 0) this.#others.set(heading, lines);`,
    replace: `if (known && lines.length < 0) this.#others.set(heading, lines);`,
  },
]);

const job = [
  ...mutantsOf('job/follow.ts', [
    {
      id: 'apache-livy/log-without-an-application',
      breaks: '5: the log is followed live, also where there is no application id',
      find: `if (application === undefined && !log.early) return;`,
      replace: `if (application === undefined) return;`,
    },
  ]),
  ...mutantsOf('cleanup.ts', [
    {
      id: 'apache-livy/post-knows-the-delete',
      breaks: '3: post says `stopped`: the 404 after the DELETE of main is the end',
      find: `saved(runner, 'cancelTaken') === batchId`,
      replace: `saved(runner, 'cancelTaken') === ''`,
    },
    {
      id: 'apache-livy/post-knows-the-name',
      breaks: '3: post ends by id AND name',
      find: `if (batchId !== '' && name !== '')`,
      replace: `if (batchId === '' && name !== '')`,
    },
    {
      id: 'apache-livy/post-cleans-up',
      breaks: '3: post looks again, on Apache Livy too',
      find: `const nowhere = saved(runner, 'livyUrl') === '' && (workspaceId`,
      replace: `const nowhere = (workspaceId`,
    },
  ]),
  ...mutantsOf('job/connect.ts', [
    {
      id: 'apache-livy/budget',
      breaks: '7: `requests-per-minute` holds for Apache Livy',
      find: `new URL(inputs.livyUrl ?? inputs.endpoints.fabric)`,
      replace: `new URL(inputs.endpoints.fabric)`,
    },
  ]),
];

const inputs = [
  ...mutantsOf('inputs.ts', [
    {
      id: 'apache-livy/without-meaning',
      breaks: '2, `livy-url`: what has no meaning there is an input error that says so',
      find: `if (!onFabric) checkLivyInputs(reader);`,
      replace: ``,
    },
  ]),
  ...mutantsOf('inputs/apache-livy.ts', [
    {
      id: 'apache-livy/default-is-not-given',
      breaks: '2: the default that the runner fills in is no input that is set',
      find: `if (text !== '' && text.toLowerCase() !== unset.toLowerCase())`,
      replace: `if (text !== '')`,
    },
    {
      id: 'apache-livy/no-password',
      breaks: '8: no secret in a URL that is shown',
      find: `if (url.username || url.password)`,
      replace: `if (url.username && !url.password)`,
    },
    {
      id: 'apache-livy/no-uploads',
      breaks: '2, `livy-url`: uploads are an input error',
      find: `|| text.startsWith('/')) return`,
      replace: `|| text !== '') return`,
    },
  ]),
];

export const apacheLivy: readonly Mutant[] = [...dialect, ...ring, ...log, ...job, ...inputs];
