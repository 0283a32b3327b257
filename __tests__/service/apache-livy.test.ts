import { describe, expect, test } from '@jest/globals';
import { livyStage, livyUrl, nameOf } from './livy-stage.ts';

const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `line ${from + index}`);

describe('a run on Apache Livy', () => {
  test('is green, with one submit, no tags, no bearer, and its log whole', async () => {
    const { livy, step } = livyStage({ args: '--day\n1', 'driver-memory': '2g' });
    livy.script = {
      prints: [{ at: 1_000, lines: numbered(30) }],
      end: { at: 20_000, state: 'success' },
    };
    expect(await step.run()).toBe(true);
    const posts = livy.sent.filter(({ method }) => method === 'POST');
    expect(posts).toHaveLength(1);
    expect(livy.bodies).toEqual([
      { name: nameOf(0), file: '/jobs/main.py', args: ['--day', '1'], driverMemory: '2g' },
    ]);
    for (const { headers = {}, url } of livy.sent) {
      expect(Object.keys(headers)).not.toContain('authorization');
      expect(url.startsWith(`${livyUrl}/batches`)).toBe(true);
    }
    expect(posts[0]?.headers).toHaveProperty('x-requested-by');
    expect(step.runner.lines.filter((line) => line.startsWith('line '))).toEqual(numbered(30));
    expect(String(step.runner.logFile('stdout.log'))).toBe(`${numbered(30).join('\n')}\n`);
    expect(step.runner.outputs).toMatchObject({
      'batch-id': '0',
      state: 'success',
      result: 'Succeeded',
      submission: 'submitted',
      'file-uri': '/jobs/main.py',
      'run-url': `${livyUrl}/ui/batch/0/log`,
    });
    expect(step.runner.outputs).not.toHaveProperty('workspace-id');
    expect(step.runner.story).not.toMatch(/Fabric|Entra|OneLake|monitoring hub/);
    expect(step.runner.summaryText).not.toMatch(/Workspace|Lakehouse|Fabric/);
    const before = livy.requests.length;
    expect((await step.post()).lines).toEqual([]);
    expect(livy.requests).toHaveLength(before);
  });

  test('is red when the batch is dead, with the exception of the one stream', async () => {
    const { livy, step } = livyStage();
    livy.script = {
      prints: [
        {
          at: 1_000,
          lines: [
            'Traceback (most recent call last):',
            '  File "x.py", line 3, in <module>',
            'ValueError: no rows',
          ],
        },
      ],
      end: { at: 4_000, state: 'dead' },
    };
    expect(await step.run()).toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Failed', 'error-code': 'BATCH_FAILED' });
    expect(step.runner.onlyError.message).toContain('ValueError: no rows');
    expect(step.runner.onlyError.message).not.toContain('Fabric');
  });

  test('that prints faster than it is read tells that lines are missing, and where', async () => {
    const { livy, step } = livyStage();
    livy.script = {
      prints: [
        { at: 500, lines: numbered(100) },
        { at: 5_000, lines: numbered(900, 100) },
      ],
      end: { at: 30_000, state: 'success' },
    };
    expect(await step.run()).toBe(true);
    const { lines } = step.runner;
    const shown = lines.filter((line) => line.startsWith('line '));
    expect(shown).toEqual([...numbered(100), ...numbered(200, 800)]);
    const notice = lines.findIndex((line) => line.includes('livy.cache-log.size'));
    expect(lines[notice]).toMatch(/the last 200 lines/);
    expect(lines.indexOf('line 99')).toBeLessThan(notice);
    expect(notice).toBeLessThan(lines.indexOf('line 800'));
  });

  test('whose ring is full at its first reading says that lines before it may be missing', async () => {
    const { livy, step } = livyStage();
    livy.script = {
      prints: [{ at: 0, lines: numbered(300) }],
      end: { at: 5_000, state: 'success' },
    };
    expect(await step.run()).toBe(true);
    expect(step.runner.story).toMatch(/Lines may be missing at the start/);
  });

  test('on YARN: an application id, and the diagnostics under a heading of their own', async () => {
    const { livy, step } = livyStage();
    livy.appId = 'application_1_2';
    livy.diagnostics = ['queue: default', 'final status: FAILED'];
    livy.script = {
      prints: [{ at: 1_000, lines: numbered(3) }],
      end: { at: 9_000, state: 'dead' },
    };
    expect(await step.run()).toBe(false);
    expect(step.runner.outputs).toMatchObject({ 'application-id': 'application_1_2' });
    const { lines } = step.runner;
    expect(lines.slice(lines.indexOf('line 0')).slice(0, 3)).toEqual(numbered(3));
    expect(lines.filter((line) => line.startsWith('queue: '))).toHaveLength(1);
    expect(lines).toEqual(expect.arrayContaining(['YARN Diagnostics:', ...livy.diagnostics]));
  });

  test('of a larger ring loses nothing', async () => {
    const { livy, step } = livyStage();
    livy.ringSize = 100_000;
    livy.script = {
      prints: [
        { at: 500, lines: numbered(100) },
        { at: 5_000, lines: numbered(9_000, 100) },
        { at: 9_000, lines: numbered(30_000, 9_100) },
      ],
      end: { at: 30_000, state: 'success' },
    };
    expect(await step.run()).toBe(true);
    const shown = step.runner.lines.filter((line) => line.startsWith('line '));
    expect(shown).toEqual(numbered(39_100));
    expect(step.runner.story).not.toContain('livy.cache-log.size');
  });

  test('logs: none shows nothing, and wait: false leaves the batch running', async () => {
    const silent = livyStage({ logs: 'none' });
    silent.livy.script = {
      prints: [{ at: 500, lines: numbered(5) }],
      end: { at: 9_000, state: 'success' },
    };
    expect(await silent.step.run()).toBe(true);
    expect(silent.step.runner.lines).not.toContain('line 0');
    const left = livyStage({ wait: 'false' });
    left.livy.script = {};
    expect(await left.step.run()).toBe(true);
    expect(left.step.runner.outputs).toMatchObject({ result: 'Submitted', 'batch-id': '0' });
    await left.step.post();
    expect(left.livy.names).toEqual([nameOf(0)]);
  });

  test('requests-per-minute holds', async () => {
    const { livy, step } = livyStage({ 'requests-per-minute': '6' });
    livy.script = { end: { at: 300_000, state: 'success' } };
    expect(await step.run()).toBe(true);
    const times = livy.requests.map(({ at }) => at);
    for (const start of times)
      expect(times.filter((at) => at >= start && at < start + 60_000).length).toBeLessThan(7);
  });

  test('dry-run reads the list and submits nothing', async () => {
    const { livy, step } = livyStage({ 'dry-run': 'true' });
    expect(await step.run()).toBe(true);
    expect(step.runner.outputs).toMatchObject({ result: 'Checked' });
    expect(livy.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(step.runner.story).not.toMatch(/Fabric|OneLake/);
  });

  test('a higher attempt says that an earlier batch cannot be known', async () => {
    const { step } = livyStage({}, { GITHUB_RUN_ATTEMPT: '2' });
    expect(await step.run()).toBe(true);
    expect(step.runner.warnings.join('\n')).toContain('keeps no tags');
  });
});

describe('the one submit on Apache Livy', () => {
  test('a reply lost after its effect: the batch is adopted by its name', async () => {
    const { livy, step } = livyStage();
    livy.script = { end: { at: 60_000, state: 'success' } };
    for (let other = 0; other < 501; other += 1) livy.add(`other ${other}`);
    livy.fault = ({ method }) => (method === 'POST' ? 'lost' : undefined);
    expect(await step.run()).toBe(true);
    expect(livy.sent.filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(step.runner.outputs).toMatchObject({ submission: 'adopted', result: 'Succeeded' });
  });

  test('on-unconfirmed: resubmit uses the same name, so that there is one batch', async () => {
    const { livy, step } = livyStage({ 'on-unconfirmed': 'resubmit' });
    livy.script = { end: { at: 200_000, state: 'success' } };
    let posts = 0;
    let hidden = true;
    livy.fault = ({ method }, path) => {
      if (method === 'POST') {
        posts += 1;
        if (posts === 1) return 'lost';
        hidden = false;
      }
      return hidden && path === '/batches' ? 503 : undefined;
    };
    expect(await step.run()).toBe(true);
    expect(posts).toBe(2);
    expect(livy.bodies.map(({ name }) => name)).toEqual([nameOf(0)]);
    expect(step.runner.outputs).toMatchObject({ submission: 'adopted', result: 'Succeeded' });
    expect(livy.deleted).toEqual([]);
  });

  test('a refused submit: Livy says why, and the entry that it left is deleted', async () => {
    const { livy, step } = livyStage({ file: '/elsewhere/job.py' });
    livy.add('someone else');
    expect(await step.run()).toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'REQUEST_REFUSED',
    });
    expect(step.runner.onlyError.message).toMatch(/Local path cannot be added/);
    expect(step.runner.onlyError.message).toMatch(/livy.file.local-dir-whitelist/);
    expect(livy.deleted).toEqual([nameOf(0)]);
    expect(livy.names).toEqual(['someone else']);
  });

  test('404 is a wrong livy-url, told at once', async () => {
    const { livy, step, time } = livyStage();
    const start = time.now();
    livy.fault = ({ method }) => (method === 'POST' ? 404 : undefined);
    expect(await step.run()).toBe(false);
    expect(step.runner.outputs).toMatchObject({ 'error-code': 'NOT_FOUND' });
    expect(step.runner.onlyError.message).toContain('livy-url');
    expect(time.now() - start).toBeLessThan(5_000);
  });

  test('a server out of reach is told with livy-url', async () => {
    const { livy, step } = livyStage();
    livy.fault = () => 'refused';
    expect(await step.run()).toBe(false);
    expect(step.runner.outputs).toMatchObject({ 'error-code': 'SERVICE_UNREACHABLE' });
    expect(step.runner.onlyError.message).toContain('livy-url');
  });
});

describe('endings on Apache Livy', () => {
  test('a signal: DELETE at once; the 404 after it is the end, for post too', async () => {
    const { livy, step, time } = livyStage();
    livy.script = {};
    time.after(30_000, () => step.interrupt.raise('SIGINT'));
    expect(await step.run()).toBe(false);
    expect(livy.deleted).toEqual([nameOf(0)]);
    expect(step.runner.outputs).toMatchObject({ result: 'Cancelled', 'error-code': 'CANCELLED' });
    const before = time.now();
    const post = await step.post();
    expect(post.story).toContain('stopped (killed)');
    expect(time.now() - before).toBeLessThan(5_000);
  });

  test('a time limit ends it too, and operation: cancel', async () => {
    const { livy, step } = livyStage({ 'timeout-minutes': '1' });
    livy.script = {};
    expect(await step.run()).toBe(false);
    expect(livy.deleted).toEqual([nameOf(0)]);
    expect(step.runner.outputs).toMatchObject({ result: 'TimedOut', 'error-code': 'TIMEOUT' });

    const named = livyStage({ operation: 'cancel', 'batch-id': '0', file: '', name: '' });
    named.livy.script = {};
    named.livy.add('someone');
    expect(await named.step.run()).toBe(true);
    expect(named.livy.deleted).toEqual(['someone']);
    expect(named.step.runner.outputs).toMatchObject({ result: 'Cancelled' });
  });

  test('main was killed: post ends the batch by id and name, or by its name alone', async () => {
    for (const without of [[], ['batch-id']]) {
      const { livy, step, time } = livyStage();
      livy.script = {};
      await step.runUntilKilled((kill) => time.after(20_000, kill));
      livy.add('someone else');
      const post = await step.post(without);
      expect(livy.deleted).toEqual([nameOf(0)]);
      expect(post.story).toContain('stopped (killed)');
      expect(livy.names).toEqual(['someone else']);
    }
  });

  test('a batch that is over when the signal comes is not deleted', async () => {
    const { livy, step, time } = livyStage();
    livy.script = { end: { at: 29_000, state: 'success' } };
    await step.runUntilKilled((kill) => time.after(28_000, kill));
    await time.sleep(10_000);
    expect((await step.post()).story).toContain('stopped (success)');
    expect(livy.deleted).toEqual([]);
  });

  test('one that is over when the signal comes, before main knows, is not deleted', async () => {
    const { livy, step, time } = livyStage();
    livy.script = { end: { at: 29_900, state: 'success' } };
    livy.fault = ({ method }, path) =>
      method === 'GET' && path === '/batches/0' && !step.interrupt.raised && over()
        ? 503
        : undefined;
    const start = time.now();
    const over = (): boolean => time.now() - start >= 29_900;
    time.after(33_000, () => step.interrupt.raise('SIGINT'));
    expect(await step.run()).toBe(false);
    expect(livy.deleted).toEqual([]);
    expect((await step.post()).story).toContain('stopped (success)');
  });

  test('a restart: the same id is another batch, which is neither followed nor ended', async () => {
    const { livy, step, time } = livyStage();
    livy.script = { prints: [{ at: 0, lines: ['ours or not'] }] };
    time.after(20_000, () => {
      livy.restart();
      livy.script = { prints: [{ at: 0, lines: ['a stranger'] }] };
      livy.add('a stranger');
    });
    expect(await step.run()).toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Unknown',
      'error-code': 'BATCH_VANISHED',
    });
    expect(step.runner.onlyError.message).toContain('restarted');
    expect(step.runner.lines).not.toContain('a stranger');
    await step.post();
    expect(livy.deleted).toEqual([]);
    expect(livy.names).toEqual(['a stranger']);
  });

  test('a signal after a restart: the stranger under our id is spared by main and post', async () => {
    const { livy, step, time } = livyStage();
    livy.script = {};
    time.after(20_000, () => {
      livy.restart();
      livy.add('a stranger');
    });
    time.after(25_000, () => step.interrupt.raise('SIGTERM'));
    expect(await step.run()).toBe(false);
    await step.post();
    expect(livy.deleted).toEqual([]);
  });

  test('a followed batch counts with the name of its first reading', async () => {
    const { livy, step, time } = livyStage({ 'batch-id': '0', file: '', name: '' });
    livy.script = {};
    livy.add('followed');
    time.after(20_000, () => {
      livy.restart();
      livy.add('a stranger');
    });
    expect(await step.run()).toBe(false);
    expect(step.runner.outputs).toMatchObject({ 'error-code': 'BATCH_VANISHED' });
  });

  test('a batch that is over and forgotten before its end was read is Unknown', async () => {
    const { livy, step } = livyStage();
    livy.retainMs = 0;
    livy.script = {
      prints: [{ at: 500, lines: ['line 0'] }],
      end: { at: 21_000, state: 'success' },
    };
    expect(await step.run()).toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Unknown',
      'error-code': 'BATCH_VANISHED',
    });
    expect(step.runner.onlyError.message).toContain('state-retain.sec');
  });

  test('one that is forgotten after its end was read is green, and the log says what may be missing', async () => {
    const { livy, step } = livyStage();
    livy.script = {
      prints: [{ at: 500, lines: ['line 0'] }],
      end: { at: 21_000, state: 'success' },
    };
    let over = false;
    livy.fault = ({ method }, path) => {
      if (method === 'GET' && path === '/batches/0' && step.runner.lines.includes('line 0'))
        over ||= livy.requests.length > 14;
      return over && path.endsWith('/log') ? 404 : undefined;
    };
    expect(await step.run()).toBe(true);
    expect(step.runner.story).toMatch(
      /Livy does not serve stdout any more: what came after its first 7 bytes is missing/,
    );
  });
});
