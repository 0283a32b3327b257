import { describe, expect, test } from '@jest/globals';
import { textAt } from '../../src/http/json.ts';
import {
  batches,
  bench,
  lakehouse,
  lakehousePath,
  workspace,
  type Bench,
  type BenchSettings,
} from './bench.ts';

const script = {
  steps: [
    { at: 0, phase: 'starting' as const, livy: 'spark-submit x.py\n' },
    { at: 10, phase: 'running' as const, stdout: 'one ', stderr: 'WARN ü\n' },
    { at: 20, stdout: Buffer.from([0xff, 0x00, 0x0a]) },
    { at: 30, phase: 'success' as const, stdout: 'end\n' },
  ],
};

interface Watched {
  on: Bench;
  logs: (application: string, query: string) => ReturnType<Bench['call']>;
  stdout: (query?: string) => ReturnType<Bench['call']>;
}

async function watched(settings: BenchSettings = {}): Promise<Watched> {
  const on = await bench({ script, ...settings });
  const id = await on.submit();
  const session = `${lakehousePath}/livySessions/${id}`;
  const logs: Watched['logs'] = (application, query) =>
    on.call('fabric', 'GET', `${session}/applications/${application}/logs?${query}`);
  const stdout: Watched['stdout'] = async (query = 'isDownload=true') => {
    const { json } = await on.call('fabric', 'GET', `${batches}/${id}`);
    return logs(textAt(json, 'appId') ?? 'application_0_0', `type=driver&fileName=stdout&${query}`);
  };
  return { on, logs, stdout };
}

const part = (offset: number, size?: number): string =>
  `isDownload=true&isPartial=true&offset=${offset}${size === undefined ? '' : `&size=${size}`}`;

describe('driver log', () => {
  test('is raw bytes, each stream its own, as far as they are written', async () => {
    const { on, stdout } = await watched();
    on.pass(10);
    expect((await stdout()).text).toBe('one ');
    on.pass(10);
    const reply = await stdout();
    expect(reply.bytes).toEqual(Buffer.from('one \u00ff\u0000\n', 'latin1'));
    expect(reply.headers['content-length']).toBe('7');
    expect((await stdout('fileName=x&isDownload=true')).status).toBe(200);
  });

  test.each([
    [true, 404],
    [false, 200],
  ])('absent before the application runs: %s', async (absentBeforeStart, status) => {
    const early = { at: 0, phase: 'starting' as const, applicationId: 'application_7_1' };
    const { on, logs } = await watched({
      driverLog: { absentBeforeStart },
      script: { steps: [early, { at: 10, phase: 'running', stdout: 'x' }] },
    });
    const read = () => logs('application_7_1', 'type=driver&fileName=stdout&isDownload=true');
    const before = await read();
    expect([before.status, before.status === 200 ? before.text : '']).toEqual([status, '']);
    on.pass(10);
    expect((await read()).text).toBe('x');
  });

  test('before there is an application nothing can be asked for', async () => {
    const { stdout } = await watched();
    expect((await stdout()).status).toBe(404);
  });

  test('the last attempt is the first, and there is no other', async () => {
    const early = {
      at: 0,
      phase: 'running' as const,
      applicationId: 'application_7_1',
      stdout: 'x',
    };
    const { on, logs } = await watched({ script: { steps: [early] } });
    on.pass(1);
    const query = 'type=driver&fileName=stdout&isDownload=true';
    const session = `${lakehousePath}/livySessions/${on.fabric.batches[0]?.id ?? ''}`;
    const attempt = (number: number) =>
      on.call('fabric', 'GET', `${session}/applications/application_7_1/${number}/logs?${query}`);
    expect((await logs('application_7_1', query)).text).toBe('x');
    expect((await attempt(1)).text).toBe('x');
    expect((await attempt(2)).status).toBe(404);
  });

  test('is for those who may read the lakehouse', async () => {
    const on = await bench({ script });
    const path = `${lakehousePath}/livySessions/${await on.submit()}`;
    for (const at of [path, `${path}/applications/none/logs?type=livy`]) {
      expect((await on.call('fabric', 'GET', at)).status).toBe(200);
      expect((await on.call('fabric', 'GET', at, { token: null })).status).toBe(401);
      const elsewhere = at.replace(lakehouse, workspace);
      expect((await on.call('fabric', 'GET', elsewhere)).status).toBe(404);
    }
  });

  test('counts offset and size while the application runs', async () => {
    const { on, stdout } = await watched();
    on.pass(20);
    expect((await stdout(part(1, 2))).text).toBe('ne');
    expect((await stdout(part(4))).bytes).toEqual(Buffer.from([0xff, 0, 0x0a]));
    const after = await stdout(part(1_000));
    expect([after.status, after.text]).toEqual([200, '']);
    expect((await stdout('isDownload=true&offset=1&size=2')).bytes).toHaveLength(7);
  });

  test('gives the whole file after the end, whatever offset is asked for', async () => {
    const { on, stdout } = await watched();
    on.pass(30);
    expect((await stdout(part(5, 1))).bytes).toHaveLength(11);
  });

  test.each([
    ['offsets that go on counting', { offsetsEndWithApplication: false }, 30, part(7), 'end\n'],
    ['a size that is ignored', { sizeIgnored: true }, 10, part(1, 1), 'ne '],
  ])('%s', async (_name, driverLog, seconds, query, expected) => {
    const { on, stdout } = await watched({ driverLog });
    on.pass(seconds);
    expect((await stdout(query)).text).toBe(expected);
  });

  test('a largest offset', async () => {
    const { on, stdout } = await watched({ driverLog: { largestOffset: 3 } });
    on.pass(10);
    expect((await stdout(part(3))).status).toBe(200);
    expect((await stdout(part(4))).status).toBe(400);
  });

  test('has metadata', async () => {
    const { on, stdout } = await watched();
    on.pass(10);
    expect((await stdout('meta=true')).json).toMatchObject({
      containerLogMeta: { fileName: 'stdout', length: 4 },
    });
  });

  test('another application, another attempt, parameters that make no sense', async () => {
    const { on, logs, stdout } = await watched();
    on.pass(10);
    const driver = 'type=driver&fileName=stdout';
    expect((await logs('application_1_1', driver)).status).toBe(404);
    expect((await stdout('isPartial=true&offset=0')).status).toBe(400);
    expect((await stdout('isDownload=true&isPartial=true&offset=-1')).status).toBe(400);
    expect((await logs('x', 'type=driver')).status).toBe(400);
    expect((await logs('x', 'type=other&fileName=stdout')).status).toBe(400);
    expect((await logs('x', 'fileName=stdout')).status).toBe(400);
  });
});

describe('Livy log', () => {
  test('is there before any application, under the id none', async () => {
    const { logs } = await watched();
    expect((await logs('none', 'type=livy&isDownload=true')).text).toBe('spark-submit x.py\n');
    expect((await logs('none', `type=livy&${part(13)}`)).text).toBe('x.py\n');
    expect((await logs('application_1_1', 'type=livy')).status).toBe(400);
  });
});

test('a large log is served whole', async () => {
  const megabyte = Buffer.alloc(1_048_576, 'x');
  const steps = Array.from({ length: 32 }, () => ({ at: 0, stdout: megabyte }));
  const { on, stdout } = await watched({
    script: { steps: [{ at: 0, phase: 'running' }, ...steps] },
  });
  on.pass(1);
  expect((await stdout()).bytes).toHaveLength(32 * 1_048_576);
});
