import { boundedLines, oneLine, type Hide } from './text.ts';

/** Bounds of one file; beyond them it is refused, since what is not counted could hold a failure. */
const deepest = 40;
const mostCases = 100_000;
/** Failures that are kept with their text; all are counted. */
const mostFailures = 100;

/** A failed test as its file tells it. */
export interface FailedCase {
  name: string;
  /** The class, module or suite that holds it; empty where none is named. */
  suite: string;
  kind: 'failure' | 'error';
  /** One line. */
  message: string;
  /** The text beside the message, bounded. */
  lines: readonly string[];
  /** The attributes `file` and `line`, as they stand there: pytest counts lines from 0, others from 1. */
  at?: { file: string; line: number | undefined } | undefined;
}

/** What one JUnit XML file tells. */
export interface JunitResults {
  total: number;
  /** Failures and errors. */
  failed: number;
  skipped: number;
  /** Of the whole file, where it says so. */
  seconds?: number | undefined;
  /** In their order, at most 100. */
  failures: readonly FailedCase[];
}

/** Why a text is not taken as JUnit XML. The message is one clause, such as `is not well-formed XML (…)`. */
export class JunitRefusal extends Error {
  override readonly name = 'JunitRefusal';
}

export type Attributes = ReadonlyMap<string, string>;

interface Suite {
  kind: 'suite';
  name: string;
  total: number;
  failed: number;
  skipped: number;
  /** The cases in it. */
  cases: number;
  /** What it says itself. */
  claims: { tests: number; failed: number; skipped: number };
  /** Its writer may count more than it writes. */
  counts: 'cases' | 'more';
  seconds: number | undefined;
  /** Of what stands in it. */
  innerSeconds: number | undefined;
}

interface Case {
  kind: 'case';
  attributes: Attributes;
  failure: Ending | undefined;
  skipped: boolean;
}

/** A `failure` or `error`. */
interface Ending {
  kind: 'failure' | 'error';
  message: string;
  type: string;
  text: string[];
}

type Element = Suite | Case | { kind: 'ending'; ending: Ending } | { kind: 'other' };

/** Takes the elements of one file in their order and counts what they tell. Throws `JunitRefusal`. */
export class JunitReader {
  readonly #hide: Hide;
  readonly #open: Element[] = [];
  readonly #failures: FailedCase[] = [];
  #whole: Suite | undefined;
  #cases = 0;
  /** The first suite that holds less than it tells of. */
  #short: string | undefined;

  constructor(hide: Hide) {
    this.#hide = hide;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#open.length === 0) {
      if (this.#whole) throw new JunitRefusal('is not well-formed XML (a second root)');
      if (name !== 'testsuites' && name !== 'testsuite')
        throw new JunitRefusal(`is no JUnit XML: its root is <${name.slice(0, 60)}>`);
    }
    if (this.#open.length >= deepest)
      throw new JunitRefusal(`has elements more than ${deepest} deep`);
    this.#open.push(this.#element(name, attributes));
  }

  text(piece: string): void {
    const inner = this.#open.at(-1);
    if (inner?.kind === 'ending') inner.ending.text.push(piece);
  }

  close(): void {
    const closed = this.#open.pop();
    if (closed?.kind === 'case') this.#endCase(closed);
    if (closed?.kind === 'suite') this.#endSuite(closed);
    const holder = this.#open.at(-1);
    // What failed around the cases, such as a set-up.
    if (closed?.kind === 'ending' && holder?.kind === 'suite')
      this.#addFailure(holder, closed.ending, holder.name, '', undefined);
  }

  results(): JunitResults {
    const whole = this.#whole;
    if (!whole || this.#open.length > 0) throw new JunitRefusal('is empty');
    const { total, failed, skipped, seconds } = whole;
    // A file that is red for its failures shall show them.
    if (this.#short !== undefined && failed === 0) throw new JunitRefusal(this.#short);
    return { total, failed, skipped, seconds, failures: this.#failures };
  }

  #element(name: string, attributes: Attributes): Element {
    const parent = this.#open.at(-1);
    const inCase = this.#open.some(({ kind }) => kind === 'case');
    if (!inCase && (name === 'testsuites' || name === 'testsuite')) return suiteOf(attributes);
    if (name === 'testcase') {
      if (inCase) throw new JunitRefusal('is no JUnit XML: a test case stands in another');
      this.#cases += 1;
      if (this.#cases > mostCases)
        throw new JunitRefusal(`has more than ${mostCases.toLocaleString('en')} test cases`);
      return { kind: 'case', attributes, failure: undefined, skipped: false };
    }
    if (parent?.kind === 'case' && name === 'skipped') parent.skipped = true;
    const suite = this.#suite();
    if (suite && inCase && reruns.has(name)) suite.counts = 'more';
    if (name !== 'failure' && name !== 'error') return { kind: 'other' };
    const ending: Ending = {
      kind: name,
      message: attributes.get('message') ?? '',
      type: attributes.get('type') ?? '',
      text: [],
    };
    // A case that failed and whose teardown failed too is one failed case.
    if (parent?.kind === 'case') parent.failure ??= ending;
    return { kind: 'ending', ending };
  }

  #endCase({ attributes, failure, skipped }: Case): void {
    const suite = this.#suite();
    if (!suite) return;
    suite.cases += 1;
    const seconds = secondsOf(attributes);
    if (seconds !== undefined) suite.innerSeconds = (suite.innerSeconds ?? 0) + seconds;
    if (failure) {
      const file = attributes.get('file') ?? '';
      const line = attributes.get('line') ?? '';
      const at =
        file === '' ? undefined : { file, line: /^\d{1,7}$/.test(line) ? Number(line) : undefined };
      const holder = attributes.get('classname') ?? suite.name;
      this.#addFailure(suite, failure, attributes.get('name') ?? '', holder, at);
      return;
    }
    suite.total += 1;
    if (skipped) suite.skipped += 1;
  }

  #endSuite(suite: Suite): void {
    const { claims, cases } = suite;
    if (claims.failed > 0 && suite.failed === 0) {
      const message = `The suite tells of ${claims.failed} that failed and holds no failed test.`;
      const ending: Ending = { kind: 'error', message, type: '', text: [] };
      this.#addFailure(suite, ending, suite.name, '', undefined);
    }
    const unwritten = claims.tests - cases - Math.max(0, claims.skipped - suite.skipped);
    if (unwritten > 0 && (cases === 0 || suite.counts === 'cases'))
      this.#short ??= `tells of ${claims.tests} ${claims.tests === 1 ? 'test' : 'tests'} and holds ${cases}: its writer died, or the file was changed`;
    const seconds = suite.seconds ?? suite.innerSeconds;
    const outer = this.#suite();
    if (!outer) {
      this.#whole = { ...suite, seconds };
      return;
    }
    outer.total += suite.total;
    outer.failed += suite.failed;
    outer.skipped += suite.skipped;
    outer.cases += cases;
    if (suite.counts === 'more') outer.counts = 'more';
    if (seconds !== undefined) outer.innerSeconds = (outer.innerSeconds ?? 0) + seconds;
  }

  #addFailure(
    suite: Suite,
    { kind, message, type, text }: Ending,
    name: string,
    holder: string,
    at: FailedCase['at'],
  ): void {
    suite.total += 1;
    suite.failed += 1;
    if (this.#failures.length >= mostFailures) return;
    const body = text.join('');
    const line = (shown: string): string => oneLine(shown, this.#hide);
    this.#failures.push({
      name: line(name) || '(no name)',
      suite: line(holder),
      kind,
      message: line(message) || line(body) || line(type) || kind,
      lines: boundedLines(body.trim() === '' ? message : body, this.#hide),
      at,
    });
  }

  /** The innermost suite that is open. */
  #suite(): Suite | undefined {
    return this.#open.findLast((element) => element.kind === 'suite');
  }
}

/** What Surefire writes into a case that was run again; it counts every run as a test. */
const reruns: ReadonlySet<string> = new Set([
  'flakyFailure',
  'flakyError',
  'rerunFailure',
  'rerunError',
]);

/**
 * pytest counts each subtest and each error of a teardown as a test, and writes one case for them all
 * (9.2 and 8.4 with pytest-subtests; its issue 3850). Known by its name, or by the order of its attributes.
 */
function isOfPytest(attributes: Attributes): boolean {
  const order = [...attributes.keys()].join(' ');
  return (
    attributes.get('name') === 'pytest' ||
    order.startsWith('name errors failures skipped tests time')
  );
}

function suiteOf(attributes: Attributes): Suite {
  const count = (name: string): number => {
    const text = attributes.get(name)?.trim() ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : 0;
  };
  return {
    kind: 'suite',
    name: attributes.get('name') ?? '',
    total: 0,
    failed: 0,
    skipped: 0,
    cases: 0,
    claims: {
      tests: count('tests'),
      failed: count('failures') + count('errors'),
      skipped: count('skipped'),
    },
    counts: isOfPytest(attributes) ? 'more' : 'cases',
    seconds: secondsOf(attributes),
    innerSeconds: undefined,
  };
}

/** Surefire writes `1,234.5` where the machine's language does. */
function secondsOf(attributes: Attributes): number | undefined {
  const text = attributes.get('time')?.replaceAll(',', '').trim() ?? '';
  return /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}
