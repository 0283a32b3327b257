import { withoutSecrets } from '../../../src/auth/secret-forms.ts';
import { describe, expect, jest, test } from '@jest/globals';
import type { Monitoring } from '../../../src/fabric/monitoring.ts';
import type { Answer } from '../../../src/http/client.ts';
import { TransportError } from '../../../src/http/transport.ts';
import { Progress } from '../../../src/job/progress.ts';
import type { RunFacts } from '../../../src/report/facts.ts';
import { htmlError, jsonAnswer, textAnswer } from '../answers.ts';
import { VirtualClock } from '../virtual-clock.ts';

const application = 'application_1_2';
const second = 1_000;

type Reply = Answer | undefined | Promise<Answer | undefined>;

/** What a test says of the service, and what was asked of it when. */
class FakeMonitoring implements Monitoring {
  readonly asked: number[] = [];
  sessions = 0;
  onStages: (index: number) => Reply = () => jsonAnswer(200, []);
  onSession: () => Reply = () => jsonAnswer(200, {});
  free = 0;
  left: (planned: number) => number = () => Infinity;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async stages(_: string, signal: AbortSignal): Promise<Answer | undefined> {
    this.asked.push(this.#clock.elapsed / second);
    if (signal.aborted) throw new TransportError('aborted', 'told to end');
    return await this.onStages(this.asked.length - 1);
  }

  async session(): Promise<Answer | undefined> {
    this.sessions += 1;
    return await this.onSession();
  }

  freeAt(): number {
    return this.free;
  }

  room(planned: number): number {
    return this.left(planned);
  }
}

interface Scene {
  clock: VirtualClock;
  monitoring: FakeMonitoring;
  progress: Progress;
  facts: RunFacts;
  lines: { at: number; text: string }[];
  controller: AbortController;
  onSecrets: () => string[];
  /** Ticks of 5 s, from one time of the application's age to another; seconds. */
  ticks: (until: number, application?: string) => Promise<void>;
}

function scene(): Scene {
  const clock = new VirtualClock();
  const monitoring = new FakeMonitoring(clock);
  const place = { name: '' };
  const facts: RunFacts = {
    result: '',
    workspace: place,
    lakehouse: place,
    file: '',
    submission: 'submitted',
    requests: 0,
  };
  const hide = (text: string): string => withoutSecrets(text, made.onSecrets());
  const progress = new Progress({ clock, monitoring, service: 'Fabric', facts, hide });
  const lines: Scene['lines'] = [];
  const controller = new AbortController();
  const ticks = async (until: number, named = application): Promise<void> => {
    while (clock.elapsed < until * second) {
      for (const text of progress.news()) lines.push({ at: clock.elapsed / second, text });
      progress.begin(named, 5 * second, clock.elapsed, controller.signal);
      await clock.sleep(5 * second);
    }
    for (const text of progress.news()) lines.push({ at: clock.elapsed / second, text });
  };
  const onSecrets = (): string[] => ['s3cret'];
  const made = { clock, monitoring, progress, facts, lines, controller, onSecrets, ticks };
  return made;
}

const told = (...stages: Record<string, unknown>[]): Answer => jsonAnswer(200, stages);
const ended = (stageId: number): Record<string, unknown> => ({
  stageId,
  status: 'COMPLETE',
  numTasks: 8,
  name: 'with s3cret',
});

describe('a reading', () => {
  test('comes 15 s after the application is known, then 30 s to 3 min apart', async () => {
    const { monitoring, ticks } = scene();
    await ticks(3_600);
    const { asked } = monitoring;
    expect(asked.slice(0, 4)).toEqual([15, 45, 75, 105]);
    const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(Math.min(...gaps)).toBe(30);
    expect(Math.max(...gaps)).toBe(180);
    expect(asked.length).toBeLessThanOrEqual(40);
  });

  test.each([
    ['the budget is used', (fake: FakeMonitoring) => (fake.free = Infinity)],
    ['it has no room beside the ticks', (fake: FakeMonitoring) => (fake.left = () => 1)],
  ])('does not come while %s', async (_, make) => {
    const { monitoring, ticks, lines } = scene();
    make(monitoring);
    await ticks(600);
    expect([monitoring.asked, lines]).toEqual([[], []]);
  });

  test('is reckoned beside the requests of the ticks', async () => {
    const { monitoring, ticks } = scene();
    const planned: number[] = [];
    monitoring.left = (requests) => {
      planned.push(requests);
      return 2;
    };
    await ticks(20);
    expect(planned).toEqual([36]);
    expect(monitoring.asked).toHaveLength(1);
  });

  test('of a long list makes the next one wait', async () => {
    const { monitoring, ticks } = scene();
    const many = Array.from({ length: 40_000 }, (_, id) => ({
      ...ended(id),
      details: 'x'.repeat(200),
    }));
    const answer = told(...many);
    monitoring.onStages = () => answer;
    await ticks(300);
    expect(monitoring.asked).toEqual([15, expect.any(Number)]);
    expect(monitoring.asked[1]).toBeGreaterThan(150);
  });

  test('that is never answered is given up, and no second one is beside it', async () => {
    const { monitoring, ticks, lines } = scene();
    monitoring.onStages = () => new Promise(() => undefined);
    await ticks(60);
    expect(monitoring.asked).toEqual([15]);
    await ticks(1_800);
    expect(monitoring.asked).toHaveLength(5);
    expect(lines.map(({ text }) => text)).toEqual([
      "Fabric does not tell of Spark's stages (no answer); the log goes on without them.",
    ]);
  });

  test('is ended by the step, and by the end of the batch', async () => {
    const { monitoring, ticks, progress, controller, facts } = scene();
    let answer: (value: Answer) => void = () => undefined;
    monitoring.onStages = () => new Promise((resolve) => (answer = resolve));
    await ticks(20);
    controller.abort();
    answer(told(ended(1)));
    await ticks(25);
    expect(facts.stages).toBeUndefined();
    progress.stop();
    await ticks(300);
    expect(monitoring.asked).toEqual([15]);
  });
});

describe('what is told', () => {
  test('is each stage once, when it ended, without secrets; and the facts keep them all', async () => {
    const { monitoring, ticks, lines, facts } = scene();
    monitoring.onStages = (index) =>
      told(...Array.from({ length: index + 1 }, (_, id) => ended(id)), { stageId: 99 });
    await ticks(80);
    expect(lines).toEqual([
      { at: 20, text: 'Stage 0 ended: 8 tasks · with ***' },
      { at: 50, text: 'Stage 1 ended: 8 tasks · with ***' },
      { at: 80, text: 'Stage 2 ended: 8 tasks · with ***' },
    ]);
    expect(facts.stages?.map(({ id }) => id)).toEqual([0, 1, 2, 99]);
  });

  test('of stages at work is said once a reading, and not when it is old', async () => {
    const { clock, monitoring, progress, ticks } = scene();
    monitoring.onStages = () =>
      told({ stageId: 7, status: 'ACTIVE', numTasks: 800, numCompleteTasks: 412 });
    await ticks(20);
    expect([progress.active(), progress.active()]).toEqual(['stage 7: 412 of 800 tasks', '']);
    await ticks(50);
    clock.advance(151 * second);
    expect(progress.active()).toBe('');
  });

  test('a list that is empty once brings no stage again', async () => {
    const { monitoring, ticks, lines, facts } = scene();
    monitoring.onStages = (index) => (index === 1 ? told() : told(ended(0)));
    await ticks(110);
    expect(lines).toHaveLength(1);
    expect(facts.stages).toHaveLength(1);
  });

  test('a new application, or a stage that begins anew, is told again', async () => {
    const { monitoring, ticks, lines } = scene();
    monitoring.onStages = (index) =>
      told({ ...ended(0), submissionTime: `2026-01-01T00:00:0${Math.min(index, 1)}.000GMT` });
    await ticks(80);
    expect(lines).toHaveLength(2);
    await ticks(110, 'application_1_3');
    expect(lines).toHaveLength(3);
  });
});

describe('a service that does not tell', () => {
  test.each([400, 403, 405, 410, 501])(
    '%i: is asked once, and one line says so',
    async (status) => {
      const { monitoring, ticks, lines } = scene();
      monitoring.onStages = () => jsonAnswer(status, {});
      await ticks(3_600);
      expect(monitoring.asked).toEqual([15]);
      expect(lines.map(({ text }) => text)).toEqual([
        `Fabric does not tell of Spark's stages (answered ${status}); the log goes on without them.`,
      ]);
    },
  );

  test.each<[string, () => Reply]>([
    ['404', () => jsonAnswer(404, {})],
    ['429', () => jsonAnswer(429, {})],
    ['503', () => textAnswer(503, htmlError)],
    ['a page', () => textAnswer(200, htmlError)],
    ['an object', () => jsonAnswer(200, { stages: [] })],
    ['no token', () => undefined],
    ['a cut', () => Promise.reject(new TransportError('unknown', 'cut'))],
  ])('%s: is asked at growing pauses, five times in a row', async (_, reply) => {
    const { monitoring, ticks, lines } = scene();
    monitoring.onStages = reply;
    await ticks(7_200);
    expect(monitoring.asked).toEqual([15, 75, 195, 435, 915]);
    expect(lines).toHaveLength(1);
  });

  test('that tells after a while is asked as any other', async () => {
    const { monitoring, ticks, lines } = scene();
    monitoring.onStages = (index) => (index < 4 ? jsonAnswer(404, {}) : told(ended(0)));
    await ticks(1_200);
    expect(lines.map(({ text }) => text)).toEqual(['Stage 0 ended: 8 tasks · with ***']);
    expect(monitoring.asked.length).toBeGreaterThan(6);
  });
});

describe('the last readings', () => {
  const session = {
    driverCores: 4,
    executorCores: 4,
    numExecutors: 1,
    isDynamicAllocationEnabled: false,
    runningDuration: { value: 1, timeUnit: 'Hours' },
  };

  test('are the stages and the session, once', async () => {
    const { monitoring, progress, facts, controller } = scene();
    monitoring.onStages = () => told(ended(3));
    monitoring.onSession = () => jsonAnswer(200, session);
    progress.stop();
    await progress.last(application, true, controller.signal);
    expect(facts.stages?.map(({ id }) => id)).toEqual([3]);
    expect(facts.session?.vCoreHours).toBe(8);
    expect([monitoring.asked.length, monitoring.sessions]).toEqual([1, 1]);
  });

  test('read a list again that lags behind a success', async () => {
    const { monitoring, progress, facts, controller } = scene();
    monitoring.onStages = (index) => told(index < 2 ? { stageId: 3, status: 'ACTIVE' } : ended(3));
    await progress.last(application, true, controller.signal);
    expect(monitoring.asked).toEqual([0, 2, 4]);
    expect(facts.stages?.[0]?.status).toBe('complete');
  });

  test('take a list as it is after a failure', async () => {
    const { monitoring, progress, controller } = scene();
    monitoring.onStages = () => told({ stageId: 3, status: 'ACTIVE' });
    await progress.last(application, false, controller.signal);
    expect(monitoring.asked).toEqual([0]);
  });

  test('keep what was read before, where the service tells nothing any more', async () => {
    const { monitoring, progress, facts, controller, ticks } = scene();
    monitoring.onStages = (index) => (index === 0 ? told(ended(3)) : jsonAnswer(404, {}));
    monitoring.onSession = () => textAnswer(500, htmlError);
    await ticks(20);
    await progress.last(application, true, controller.signal);
    expect(facts.stages?.map(({ id }) => id)).toEqual([3]);
    expect(facts.session).toBeUndefined();
    expect(monitoring.asked).toHaveLength(4);
  });

  test('take 10 s at most, whatever is not answered', async () => {
    const { clock, monitoring, progress, controller } = scene();
    monitoring.onStages = () => new Promise(() => undefined);
    await progress.last(application, true, controller.signal);
    expect(clock.elapsed).toBe(10 * second);
  });

  test('are ended by a signal, and do not begin after one', async () => {
    const { clock, monitoring, progress, controller } = scene();
    monitoring.onStages = () => new Promise(() => undefined);
    clock.after(3 * second, () => controller.abort());
    await progress.last(application, true, controller.signal);
    expect(clock.elapsed).toBe(3 * second);
    await progress.last(application, true, controller.signal);
    expect(monitoring.asked).toHaveLength(1);
  });

  test('are left out where the service wants to be left alone for longer', async () => {
    const { clock, monitoring, progress, controller } = scene();
    monitoring.free = clock.now() + 11 * second;
    await progress.last(application, true, controller.signal);
    expect([monitoring.asked.length, monitoring.sessions]).toEqual([0, 0]);
  });
});

describe('a pause that is asked for', () => {
  const busy = (status: number, seconds: number): Answer => ({
    ...textAnswer(status, ''),
    headers: { 'retry-after': String(seconds) },
  });

  test.each([429, 503])('by a %i is kept, however long', async (status) => {
    const { monitoring, ticks, lines } = scene();
    monitoring.onStages = (index) => (index === 0 ? busy(status, 3_000) : told(ended(3)));
    await ticks(3_100);
    expect(monitoring.asked.slice(0, 2)).toEqual([15, 3_015]);
    expect(lines).toHaveLength(1);
  });

  test('is kept for a new application, and after the end', async () => {
    const { clock, monitoring, progress, controller, ticks } = scene();
    monitoring.onStages = () => busy(503, 3_000);
    await ticks(100);
    await ticks(200, 'application_1_3');
    const before = clock.elapsed;
    await progress.last('application_1_3', true, controller.signal);
    expect([monitoring.asked, monitoring.sessions]).toEqual([[15], 0]);
    expect(clock.elapsed).toBe(before);
  });

  test('is waited for after the end, where it is short', async () => {
    const { monitoring, progress, controller, facts, ticks } = scene();
    monitoring.onStages = (index) => (index === 1 ? busy(429, 4) : told(ended(3)));
    await ticks(20);
    await progress.last(application, true, controller.signal);
    expect(monitoring.asked).toEqual([15, 20, 24]);
    expect(monitoring.sessions).toBe(1);
    expect(facts.session).toBeDefined();
  });
});

describe('a fault of our own', () => {
  const broken = (): never => {
    throw new Error('a slip');
  };
  const line = expect.stringMatching(/not told any more, by a fault of this action \(a slip\)/);

  test.each<[string, (made: Scene) => void]>([
    ['before a reading', ({ monitoring }) => (monitoring.left = broken)],
    ['in a reading', (made) => (made.onSecrets = broken)],
  ])('%s ends the readings, with one line', async (_, make) => {
    const made = scene();
    make(made);
    made.monitoring.onStages = () => told(ended(3));
    await made.ticks(600);
    expect(made.lines.map(({ text }) => text)).toEqual([line]);
    expect(made.monitoring.asked.length).toBeLessThanOrEqual(1);
  });

  test('in what is at work ends them as well', async () => {
    const { clock, progress, monitoring, ticks } = scene();
    jest.spyOn(clock, 'now').mockImplementationOnce(broken);
    expect(progress.active()).toBe('');
    expect(progress.news()).toEqual([line]);
    await ticks(600);
    expect(monitoring.asked).toEqual([]);
  });

  test('after the end is silent', async () => {
    const { progress, monitoring, controller } = scene();
    monitoring.freeAt = broken;
    await expect(progress.last(application, true, controller.signal)).resolves.toBeUndefined();
  });
});
