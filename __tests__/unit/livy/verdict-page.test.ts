import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { BatchStatus } from '../../../src/livy/status.ts';
import { Judge } from '../../../src/livy/verdict.ts';
import { results, words } from '../../../src/report/headings.ts';

/** docs/verdict.md, read as a reader does: which word means what, then the first rule that fits. */
const page = readFileSync(new URL('../../../docs/verdict.md', import.meta.url), 'utf8');
const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const quoted = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
const tableAfter = (heading: string): string[][] =>
  (page.split(heading)[1] ?? '')
    .split(/^#|<!-- end/m)[0]
    ?.split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsOf)
    .slice(2) ?? [];

type Place = 'state' | 'result' | 'fabricState';
const places: readonly Place[] = ['state', 'result', 'fabricState'];
const meanings = new Map<string, Record<Place, string[]>>(
  tableAfter('## The words').map(([what = '', state = '', result = '', fabric = '']) => [
    what,
    { state: quoted(state), result: quoted(result), fabricState: quoted(fabric) },
  ]),
);
const known = (place: Place): string[] =>
  [...meanings.values()].flatMap((words) => words[place].map((word) => word.toLowerCase()));

const signs = quoted(/^- \*\*Signs of an application\*\*(.*?)^(?=-)/ms.exec(page)?.[1] ?? '').slice(
  1,
);

/** A reading, with what the page says of its words. */
class Reading {
  readonly status: BatchStatus;

  constructor(status: BatchStatus) {
    this.status = status;
  }

  /** The places whose word means this. */
  places(meaning: string): Place[] {
    return places.filter((place) => {
      const words = meanings.get(meaning)?.[place].map((word) => word.toLowerCase());
      return words?.includes(this.status[place]?.toLowerCase() ?? '') ?? false;
    });
  }

  has(...any: string[]): boolean {
    return any.some((meaning) => this.places(meaning).length > 0);
  }

  strange(...where: Place[]): boolean {
    return where.some((place) => {
      const word = this.status[place];
      return word !== undefined && !known(place).includes(word.toLowerCase());
    });
  }

  /** The signs of an application that the page lists. */
  get started(): boolean {
    const { appId, state } = this.status;
    return appId !== undefined || (state !== undefined && signs.includes(state.toLowerCase()));
  }

  get silent(): boolean {
    return places.every((place) => this.status[place] === undefined);
  }
}

/** What the words of a row ask for. A row that is not here, or here and not there, is an error below. */
const conditions: Readonly<Record<string, (reading: Reading) => boolean>> = {
  'success, and failure, cancel or expiry beside it': (reading) =>
    reading.has('success') && reading.has('failure', 'cancel', 'expiry'),
  'success, and a word that nobody knows in `state` or `result`, and an end time': (reading) =>
    reading.has('success') &&
    reading.strange('state', 'result') &&
    reading.status.endedAt !== undefined,
  'success, and a word that nobody knows in `state` or `result`': (reading) =>
    reading.has('success') && reading.strange('state', 'result'),
  'success, and a word on its way beside it, or any word of `fabricBatchStateInfo`': (reading) =>
    reading.has('success') &&
    (reading.has('on its way') || reading.status.fabricState !== undefined),
  success: (reading) => reading.has('success'),
  cancel: (reading) => reading.has('cancel'),
  'failure with the words of a full capacity, and no sign of an application': (reading) =>
    reading.has('failure') && reading.status.messages.length > 0 && !reading.started,
  failure: (reading) => reading.has('failure'),
  expiry: (reading) => reading.has('expiry'),
  'an end time, and no word that tells the end': ({ status }) => status.endedAt !== undefined,
  'a word that nobody knows, or no word at all, while the log does not grow': (reading) =>
    reading.silent || reading.strange(...places),
  'words on their way': (reading) => reading.has('on its way'),
};

const outage = 30 * 60_000;
const durations: Readonly<Record<string, number>> = {
  ...{ 'at once': 0, '15 s': 15_000, '60 s': 60_000 },
  ...{ '`outage-minutes`': outage, 'it goes on': Infinity },
};
const rules = tableAfter('<!-- rules -->').map(
  ([says = '', lasts = '', result = '', code = '']) => ({
    ...{ says, lasts: durations[lasts], result: quoted(result)[0], code: quoted(code)[0] },
  }),
);

test('the page has the rules that this test reads, and no others', () => {
  expect(rules.map(({ says }) => says)).toEqual(Object.keys(conditions));
  for (const { lasts } of rules) expect(lasts).toBeDefined();
});

const capacity = '[TooManyRequestsForCapacity] HTTP Response code 430: no room.';
/** Words of the code as well, so that one which the page leaves out is tried in each place. */
const source = readFileSync(new URL('../../../src/livy/verdict.ts', import.meta.url), 'utf8');
const coded = [...source.matchAll(/'([a-z_ ]+)'/g)].flatMap(([, words = '']) => words.split(' '));
const strangers = [undefined, 'finished', 'PartiallySucceeded', ...coded];

/** Every word of the page in every place, words that nobody knows, and none. */
function* readings(): Generator<Reading> {
  const words = places.map((place) => [...new Set([...strangers, ...known(place)])]);
  const [states = [], results = [], fabricStates = []] = words;
  const ends: Partial<BatchStatus>[] = [
    {},
    { endedAt: 5 },
    { messages: [capacity] },
    { messages: [capacity], appId: 'application_1_2' },
  ];
  for (const state of states)
    for (const result of results)
      for (const fabricState of fabricStates)
        for (const end of ends) {
          const nothing = { id: 'b', messages: [], log: [], tags: {} };
          yield new Reading({ ...nothing, state, result, fabricState, ...end });
        }
}

/** What the code comes to, and after how long, when this is all that it ever reads. */
function judged({ status }: Reading): { lasts: number; result?: string; code?: string } {
  const judge = new Judge(outage);
  for (const lasts of [0, 14_999, 15_000, 59_999, 60_000, outage - 1, outage, 24 * 3_600_000]) {
    const { verdict } = judge.take(status, lasts, false);
    if (verdict)
      return { ...{ lasts, result: verdict.result }, ...(verdict.code && { code: verdict.code }) };
  }
  return { lasts: Infinity };
}

test('the code comes to what the first row that fits says, after as long, for every word in every place', () => {
  const met = new Set<string>();
  const wrong: string[] = [];
  for (const reading of readings()) {
    const rule = rules.find(({ says }) => conditions[says]?.(reading));
    met.add(rule?.says ?? 'none');
    const { lasts, result, code } = rule ?? {};
    const said = { lasts, ...(result && { result }), ...(code && { code }) };
    const found = judged(reading);
    if (JSON.stringify(said) !== JSON.stringify(found))
      wrong.push(
        `${JSON.stringify(reading.status)}: the page says ${JSON.stringify(said)} (${rule?.says ?? 'none'}), the code ${JSON.stringify(found)}`,
      );
  }
  expect(wrong.slice(0, 10)).toEqual([]);
  expect([...met].toSorted()).toEqual(Object.keys(conditions).toSorted());
});

test('the endings name results and codes that there are, which the tests beside them expect', () => {
  const endings = tableAfter('## How a step ends without a verdict');
  expect(endings.length).toBeGreaterThan(4);
  for (const [what = '', , result = '', code = '', shown = ''] of endings) {
    expect(Object.keys(results)).toEqual(expect.arrayContaining(quoted(result)));
    expect(Object.keys(words)).toEqual(expect.arrayContaining(quoted(code)));
    const tests = quoted(shown).map((path) =>
      readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'),
    );
    expect([what, tests.length]).not.toEqual([what, 0]);
    for (const word of [...quoted(result), ...quoted(code)])
      expect(tests.join('\n')).toContain(word);
  }
});
