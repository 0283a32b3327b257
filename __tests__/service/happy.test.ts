import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import { defaultIds } from '../../local/settings.ts';
import { claims, isBatches, isSubmit, nonce, stage, uploadName } from './stage.ts';

jest.setTimeout(30_000);

const folder = `Files/.github/${uploadName(0)}`;

describe('with ids, a secret and a lakehouse file', () => {
  test('the submit waits for one request only: the token', async () => {
    const step = await stage({ script: goodBatch('hello\n') });
    await expect(step.run()).resolves.toBe(true);
    const submitAt = step.fabric.requests.findIndex(isSubmit);
    const before = step.fabric.requests.slice(0, submitAt);
    expect(before.map(({ host, method }) => `${host} ${method}`)).toEqual(['authority POST']);
  });

  test('outputs say what became of the batch', async () => {
    const step = await stage({ script: goodBatch('hello\n', 60) });
    await expect(step.run()).resolves.toBe(true);
    const [batch] = step.fabric.batches;
    expect(step.runner.outputs).toMatchObject({
      'batch-id': batch?.id,
      'application-id': batch?.snapshot().applicationId,
      'workspace-id': defaultIds.workspace,
      'lakehouse-id': defaultIds.lakehouse,
      state: 'success',
      result: 'Succeeded',
      submission: 'submitted',
    });
    expect(step.runner.outputs['error-code'] ?? '').toBe('');
    expect(step.runner.outputs['run-url']).toContain(batch?.id);
    expect(step.runner.outputs['file-uri']).toContain('/Files/jobs/main.py');
    const queued = Number(step.runner.outputs['queued-seconds']);
    const running = Number(step.runner.outputs['running-seconds']);
    expect(queued).toBeGreaterThanOrEqual(17);
    expect(queued).toBeLessThanOrEqual(22);
    expect(running).toBeGreaterThanOrEqual(40);
    expect(running).toBeLessThanOrEqual(46);
    const line = step.runner.lines.find((text) => text.startsWith('Result: '));
    expect(line).toMatch(
      new RegExp(
        `^Result: Succeeded · queued ${queued} s \\(starting \\d+ s of it\\) · running ${running} s · \\d+ requests$`,
      ),
    );
  });

  test('the ids are out before the batch has ended', async () => {
    const step = await stage({ script: goodBatch('hello\n') });
    await step.run();
    const { events } = step.runner;
    const at = (start: string): number => events.findIndex((event) => event.startsWith(start));
    expect(at('output workspace-id=')).toBeGreaterThan(-1);
    expect(at('output batch-id=')).toBeGreaterThan(at('output workspace-id='));
    expect(at('output application-id=')).toBeGreaterThan(at('output batch-id='));
    expect(at('output result=Succeeded')).toBeGreaterThan(at('output application-id='));
  });

  test('each output is there as soon as it is known', async () => {
    // For 20 s the batch itself cannot be read.
    const settings = { readLagSeconds: 20 };
    const step = await stage({ script: goodBatch('hello\n', 100), settings });
    const { outputs } = step.runner;
    const seen: Record<string, string>[] = [];
    const look = (): void => void seen.push({ ...outputs });
    step.once(isSubmit, look);
    step.afterSubmit(1_000, look);
    step.afterSubmit(60_000, look);
    await step.run();
    const [atSubmit, accepted, running] = seen;
    expect(atSubmit).toMatchObject({
      'workspace-id': defaultIds.workspace,
      'lakehouse-id': defaultIds.lakehouse,
      'file-uri': outputs['file-uri'],
    });
    // What is not known is not said: a main that is killed now leaves this.
    const [batch] = step.fabric.batches;
    expect(accepted).toMatchObject({
      'batch-id': batch?.id,
      'run-url': outputs['run-url'],
      submission: 'submitted',
      result: 'Unknown',
    });
    expect(running).toMatchObject({
      'application-id': batch?.snapshot().applicationId,
      state: 'running',
      result: 'Unknown',
    });
  });

  test('the log tells how many requests were sent', async () => {
    const step = await stage({ script: goodBatch('hello\n', 100) });
    await step.run();
    const [result = ''] = step.runner.lines.filter((line) => line.startsWith('Result: '));
    expect(result).toMatch(new RegExp(` ${step.sent.length} requests$`));
  });

  test('the log bytes are the bytes of the job', async () => {
    const text = 'Grüße 👋\nzweite Zeile\nno end';
    const step = await stage({ script: goodBatch(text) });
    await step.run();
    expect(step.logFile('stdout.log').toString('utf8')).toBe(text);
    expect(step.runner.lines).toEqual(
      expect.arrayContaining(['Grüße 👋', 'zweite Zeile', 'no end']),
    );
  });

  test('the log tells the story in order', async () => {
    const step = await stage({ script: goodBatch('from the job\n') });
    await step.run();
    const id = step.fabric.batches[0]?.id ?? '';
    const order = [
      `Workspace:   ${defaultIds.workspace}`,
      `Lakehouse:   ${defaultIds.lakehouse}`,
      'File:        Files/jobs/main.py (in the lakehouse)',
      'Fabric:      https://127.0.0.1',
      'Identity:    client secret',
      'Time limits:',
      'Batch:       octo-org/orders orders #12',
      'Run:         ',
      'Fabric: starting',
      'Application: ',
      'from the job',
      'Result: Succeeded',
    ];
    const places = order.map((start) =>
      step.runner.lines.findIndex((line) => line.startsWith(start)),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(step.story).toContain(id);
    expect(step.runner.errors).toEqual([]);
    expect(step.runner.warnings).toEqual([]);
  });

  test('the summary names the verdict first', async () => {
    const step = await stage({ script: goodBatch('x\n') });
    await step.run();
    expect(step.runner.summaryText.split('\n')[0]).toMatch(/^## .*succeeded/);
    expect(step.runner.summaryText).toContain(step.fabric.batches[0]?.id);
  });

  test('no list is read on a first attempt that goes well', async () => {
    const step = await stage({ script: goodBatch('x\n') });
    await step.run();
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.batchRequests('DELETE')).toHaveLength(0);
    expect(
      step.batchRequests('GET').filter(({ path }) => /\/batches(\?|$)/.test(path)),
    ).toHaveLength(0);
  });

  test('nothing is saved after its effect', async () => {
    const step = await stage({ script: goodBatch('x\n') });
    await step.run();
    const events = step.runner.events;
    const at = (name: string): number => events.indexOf(name);
    expect(at('state workspace-id')).toBeGreaterThan(-1);
    expect(at('state submission')).toBeGreaterThan(at('state workspace-id'));
    expect(at('state batch-id')).toBeGreaterThan(at('state submission'));
    expect(at('state settled')).toBeGreaterThan(at('state batch-id'));
    expect(at(`output batch-id=${step.fabric.batches[0]?.id ?? ''}`)).toBeGreaterThan(
      at('state batch-id'),
    );
  });

  test('no state holds a secret', async () => {
    const step = await stage({ script: goodBatch('x\n') });
    await step.run();
    const states = JSON.stringify(step.runner.states);
    expect(states).not.toContain(step.fabric.clientSecret);
    expect(states).not.toMatch(/eyJ/);
  });

  test('the nonce is saved before the POST', async () => {
    const step = await stage({
      script: goodBatch('x\n'),
      settings: {
        faults: [{ when: (line) => isSubmit(line) && remember(), fault: { kind: 'cut' } }],
      },
    });
    let atPost: Record<string, string> = {};
    function remember(): boolean {
      atPost = { ...step.runner.states };
      return false;
    }
    await step.run();
    expect(atPost).toEqual({
      'workspace-id': defaultIds.workspace,
      'lakehouse-id': defaultIds.lakehouse,
      submission: nonce(0),
      'batch-name': 'octo-org/orders orders #12 0001ab12cd34',
    });
  });
});

describe('what is submitted', () => {
  test('the tags of the submission, and its digits at the end of the name', async () => {
    const step = await stage({
      script: goodBatch('x\n'),
      inputs: { name: 'orders nightly', 'run-key': 'job/step' },
    });
    await step.run();
    const request = step.fabric.batches[0]?.request;
    expect(request?.name).toBe(`orders nightly ${nonce(0).slice(0, 12)}`);
    expect(request?.tags).toEqual({
      submission: nonce(0),
      lineage: expect.stringMatching(/^[0-9a-f]{64}$/),
      attempt: '1',
      repository: 'octo-org/orders',
      'run-id': '9000000001',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('exact args, and nothing in conf that was not asked for', async () => {
    const args = ['--day=2026-01-02', '  two  spaces  ', '"quoted" $HOME', 'größer', '-'];
    const step = await stage({
      script: goodBatch('x\n'),
      inputs: {
        args: `${args.join('\r\n')}\n\n`,
        conf: 'spark.sql.shuffle.partitions=8\nspark.app.text=a=b c',
        'driver-memory': '4g',
        'num-executors': '2',
      },
    });
    await step.run();
    const request = step.fabric.batches[0]?.request;
    expect(request?.args).toEqual(args);
    expect(request?.conf).toEqual({
      'spark.sql.shuffle.partitions': '8',
      'spark.app.text': 'a=b c',
    });
    expect(request?.driverMemory).toBe('4g');
    expect(request?.numExecutors).toBe(2);
    expect(request).not.toHaveProperty('driverCores');
  });

  test('no conf and no args unless asked for', async () => {
    const step = await stage({ script: goodBatch('x\n') });
    await step.run();
    const post = step.sent.find(({ method, url }) => method === 'POST' && url.includes('/batches'));
    const body: unknown = JSON.parse(String(post?.body));
    expect(body).toEqual({
      name: expect.any(String),
      file: expect.stringMatching(/^abfss:\/\//),
      tags: expect.any(Object),
    });
  });

  test('the same work has the same fingerprint under another nonce and upload folder', async () => {
    const files = { 'jobs/main.py': 'print(1)\n' };
    const prints = await Promise.all(
      [0, 1].map(async () => {
        const step = await stage({
          script: goodBatch('x\n'),
          inputs: { file: 'jobs/main.py' },
          files,
        });
        await step.run();
        return step.fabric.batches[0]?.request.tags?.['fingerprint'];
      }),
    );
    expect(prints[0]).toBe(prints[1]);
    const other = await stage({
      script: goodBatch('x\n'),
      inputs: { file: 'jobs/main.py' },
      files: { 'jobs/main.py': 'print(2)\n' },
    });
    await other.run();
    expect(other.fabric.batches[0]?.request.tags?.['fingerprint']).not.toBe(prints[0]);
  });
});

describe('a local file', () => {
  const content = Buffer.from('# ünïcode\nprint("x")\n'.repeat(3));

  test('is in the lakehouse byte by byte while the batch runs, and gone afterwards', async () => {
    const step = await stage({
      script: goodBatch('x\n', 30),
      inputs: { file: './jobs/main.py' },
      files: { 'jobs/main.py': content },
    });
    const path = step.inLakehouse(`${folder}/main.py`);
    let seen: Buffer | undefined;
    step.afterSubmit(20_000, () => {
      seen = readFileSync(path);
    });
    await expect(step.run()).resolves.toBe(true);
    expect(seen).toEqual(content);
    expect(existsSync(step.inLakehouse(folder))).toBe(false);
    expect(step.runner.outputs['file-uri']).toContain(`/${folder}/main.py`);
    expect(step.fabric.batches[0]?.request.file).toBe(step.runner.outputs['file-uri']);
  });

  test('of several blocks arrives whole', async () => {
    const big = Buffer.alloc(9 * 1024 * 1024 + 17, 'print("a long file")\n');
    const step = await stage({
      script: goodBatch('x\n'),
      inputs: { file: 'big.py', 'keep-upload': 'true' },
      files: { 'big.py': big },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(readFileSync(step.inLakehouse(`${folder}/big.py`)).equals(big)).toBe(true);
  });

  test('its folder is saved before its first byte', async () => {
    const step = await stage({
      script: goodBatch('x\n'),
      inputs: { file: 'main.py' },
      files: { 'main.py': content },
      settings: {
        faults: [{ when: ({ host }) => host === 'onelake' && remember(), fault: { kind: 'cut' } }],
      },
    });
    const states: (string | undefined)[] = [];
    function remember(): boolean {
      states.push(step.runner.states['upload-folder']);
      return false;
    }
    await step.run();
    expect(states.length).toBeGreaterThan(2);
    expect(new Set(states)).toEqual(new Set([folder]));
  });

  test('does not keep the ids waiting, which are outputs before its first byte', async () => {
    const step = await stage({
      script: goodBatch('x\n'),
      inputs: { file: 'main.py' },
      files: { 'main.py': content },
    });
    let seen: Record<string, string> = {};
    step.once(
      ({ host }) => host === 'onelake',
      () => (seen = { ...step.runner.outputs }),
    );
    await step.run();
    expect(seen).toMatchObject({
      'workspace-id': defaultIds.workspace,
      'lakehouse-id': defaultIds.lakehouse,
    });
  });

  test('one token for each service, of its audience, sent nowhere else', async () => {
    const step = await stage({
      script: goodBatch('x\n'),
      inputs: { file: 'main.py' },
      files: { 'main.py': content },
    });
    await step.run();
    const { hosts } = step.fabric;
    const audiences = (origin: string): Set<unknown> =>
      new Set(
        step.sent
          .filter(({ url }) => url.startsWith(origin))
          .map((request) => JSON.stringify(claims(request)).match(/"aud":"([^"]+)"/)?.[1]),
      );
    expect(audiences(hosts.fabric)).toEqual(new Set(['https://api.fabric.microsoft.com']));
    expect(audiences(hosts.onelake)).toEqual(new Set(['https://storage.azure.com']));
    const tokens = step.fabric.requests.filter(({ host }) => host === 'authority');
    expect(tokens.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  test('every request of a happy step is answered with a 2xx', async () => {
    const step = await stage({
      script: goodBatch('x\n', 40),
      inputs: { file: 'main.py' },
      files: { 'main.py': content },
    });
    await step.run();
    const bad = step.fabric.requests.filter(
      ({ status = 0, path }) => (status < 200 || status > 299) && !path.includes('/logs'),
    );
    expect(bad).toEqual([]);
  });
});

describe('names', () => {
  const others = ['alpha', 'beta', 'gamma'].map((name, index) => ({
    id: `1111111${index}-0a51-4c1e-9d5b-1d2f3a4b5c61`,
    name,
    capacityId: defaultIds.capacity,
    lakehouses: [],
  }));
  const target = {
    id: defaultIds.workspace,
    name: 'Analytics & Co',
    capacityId: defaultIds.capacity,
    lakehouses: [
      { id: '22222220-0a51-4c1e-9d5b-1d2f3a4b5c61', name: 'raw' },
      { id: '22222221-0a51-4c1e-9d5b-1d2f3a4b5c61', name: 'staging' },
      { id: defaultIds.lakehouse, name: 'Orders' },
    ],
  };

  test('over several pages become ids', async () => {
    const step = await stage({
      script: goodBatch('x\n'),
      settings: { pageSize: 1, workspaces: [...others, target] },
      inputs: { workspace: 'Analytics & Co', lakehouse: 'Orders' },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs['workspace-id']).toBe(defaultIds.workspace);
    expect(step.runner.outputs['lakehouse-id']).toBe(defaultIds.lakehouse);
    const lists = step.fabric.requests.filter(
      (line) => line.host === 'fabric' && line.method === 'GET' && !isBatches(line),
    );
    expect(lists.filter(({ path }) => /\/workspaces(\?|$)/.test(path))).toHaveLength(4);
    expect(lists.filter(({ path }) => /\/lakehouses(\?|$)/.test(path))).toHaveLength(3);
    expect(step.runner.summaryText).toContain('Analytics & Co');
  });

  test('are compared without case', async () => {
    const step = await stage({
      script: goodBatch('x\n'),
      settings: { workspaces: [target] },
      inputs: { workspace: 'ANALYTICS & CO', lakehouse: 'orders' },
    });
    await expect(step.run()).resolves.toBe(true);
  });
});

describe('depth of the chain of requests up to the submit', () => {
  async function depth(options: Parameters<typeof stage>[0]): Promise<number> {
    const step = await stage({ ...options, latency: 1_000 });
    const start = step.time.now();
    await expect(step.run()).resolves.toBe(true);
    const submit = step.fabric.requests.find(isSubmit);
    // Each request is a second on its way, the submit itself included.
    return Math.round(((submit?.at ?? 0) - start) / 1_000);
  }

  test('two with ids, a secret and a lakehouse file', async () => {
    await expect(depth({ script: goodBatch('x\n', 60) })).resolves.toBe(2);
  });

  test('six with names, OIDC and a local file', async () => {
    const asked = depth({
      script: goodBatch('x\n', 60),
      identity: 'oidc',
      inputs: { workspace: 'analytics', lakehouse: 'orders', file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    await expect(asked).resolves.toBe(6);
  });
});
