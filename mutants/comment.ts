import { mutantsOf, type Mutant } from './mutant.ts';

/** Section 2: one pull-request comment a workflow, one row a call; rule 8 for what stands in it. */
export const comment: readonly Mutant[] = [
  ...mutantsOf('github/comments.ts', [
    {
      id: 'comment/own-only',
      breaks: '8: nobody in (a comment of someone else with our mark is not ours)',
      find: `found.filter(({ author }) => isSame(author, self))`,
      replace: `found.filter(({ author }) => isSame(author, author))`,
    },
  ]),
  ...mutantsOf('report/comment.ts', [
    {
      id: 'comment/mark-at-start',
      breaks: '8: nobody in (our mark, quoted, is none)',
      find: `body.trimStart().startsWith(marker(id))`,
      replace: `body.includes(marker(id))`,
    },
    {
      id: 'comment/newest-run-only',
      breaks: '1: green only when proven (a row of an older commit does not prove the newest)',
      find: `older: rows.length - newest.length`,
      replace: `older: 0`,
    },
  ]),
  ...mutantsOf('report/comment/rows.ts', [
    {
      id: 'comment/newer-stays',
      breaks: '2: one row a call (a late row of an older run is not the newest)',
      find: `compareRuns(a.run, b.run) || a.attempt - b.attempt;`,
      replace: `0;`,
    },
    {
      id: 'comment/red-stays',
      breaks: '1: green only when proven (a green call hides a red one of the same key)',
      find: `Number(b.ok) - Number(a.ok)`,
      replace: `Number(a.ok) - Number(b.ok)`,
    },
    {
      id: 'comment/stays-hidden',
      breaks: '8: remote text in Markdown is code (it cannot end an HTML comment)',
      find: '[<>&@#`',
      replace: '[<&@#`',
    },
  ]),
  ...mutantsOf('job/comment/row.ts', [
    {
      id: 'comment/no-words-of-the-job',
      breaks: '8: no secrets out (nobody masks what an exception says in a comment)',
      find: `of.clean(publicCause(facts.rootCause))`,
      replace: `of.clean(facts.rootCause.title)`,
    },
    {
      id: 'comment/succeeded-only',
      breaks: '1: green only when proven (a batch that was only submitted is not)',
      find: `of.green && facts.result === 'Succeeded'`,
      replace: `of.green`,
    },
  ]),
  ...mutantsOf('report/comment/public-cause.ts', [
    {
      id: 'comment/no-word-alone',
      breaks: '8: no secrets out (a word that is no exception may be a password)',
      find: `name === undefined || (alone && !traced && !callsItselfOne.test(name))`,
      replace: `name === undefined`,
    },
  ]),
  ...mutantsOf('job/comment/writing.ts', [
    {
      id: 'comment/looks-again',
      breaks: '2: one row a CALL (a write of others at the same time undoes ours)',
      find: `await orMissing(thread.update(target.id, this.#body(), signal));
      return this.#pause();`,
      replace: `await orMissing(thread.update(target.id, this.#body(), signal));
      return 'written';`,
    },
  ]),
];
