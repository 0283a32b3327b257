import { describe, expect, test } from '@jest/globals';
import { parseJson, textAt } from '../../src/http/json.ts';
import { batches, bench, fieldsOf, files, lakehousePath } from './bench.ts';

const isSubmit = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path.endsWith('/batches');
const isList = ({ path }: { path: string }): boolean => path.startsWith('/v1/workspaces');

describe('faults', () => {
  test('an answer in place of the effect, so many times', async () => {
    const headers = { 'retry-after': '7', 'content-type': 'text/html' };
    const on = await bench({
      faults: [
        {
          when: isSubmit,
          times: 2,
          fault: { kind: 'answer', status: 502, headers, body: '<html>bad gateway</html>' },
        },
      ],
    });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const reply = await on.call('fabric', 'POST', batches, { body: '{"file":"x"}' });
      expect([reply.status, reply.text, reply.headers['retry-after']]).toEqual([
        502,
        '<html>bad gateway</html>',
        '7',
      ]);
    }
    expect(on.jobs).toEqual([]);
    await on.submit();
    expect(on.jobs).toHaveLength(1);
  });

  test('an answer although the effect happened', async () => {
    const on = await bench({
      faults: [
        { when: isSubmit, fault: { kind: 'answer', moment: 'after', status: 504, body: 'x' } },
      ],
    });
    const reply = await on.call('fabric', 'POST', batches, { body: '{"file":"x"}' });
    expect([reply.status, reply.text]).toEqual([504, 'x']);
    expect(reply.headers).not.toHaveProperty('requestid');
    expect(on.jobs).toHaveLength(1);
  });

  test.each([
    ['before', 408, 0],
    ['after', 408, 1],
    ['before', 502, 0],
    ['after', 504, 1],
  ] as const)('%s the effect, an HTML page with status %d', async (moment, status, started) => {
    const headers = { 'content-type': 'text/html' };
    const body = '<!DOCTYPE html><title>gateway</title>';
    const fault = { kind: 'answer', moment, status, headers, body } as const;
    const on = await bench({ faults: [{ when: isSubmit, times: 1, fault }] });
    const reply = await on.call('fabric', 'POST', batches, { body: '{"file":"x"}' });
    expect([reply.status, reply.headers['content-type'], reply.text]).toEqual([
      status,
      'text/html',
      body,
    ]);
    expect(on.jobs).toHaveLength(started);
  });

  test('a reply with another body: fields that miss, words that nobody knows', async () => {
    const rewritten = (body: (sent: string) => string) => ({ kind: 'rewrite', body }) as const;
    const on = await bench({
      faults: [
        {
          when: isSubmit,
          fault: rewritten((sent) => JSON.stringify({ id: textAt(parseJson(sent), 'id') })),
        },
        {
          when: ({ method, path }) => method === 'GET' && path === batches,
          fault: rewritten((sent) => sent.replace('"not_started"', '"hibernating"')),
        },
      ],
    });
    const accepted = await on.call('fabric', 'POST', batches, { body: '{"file":"x"}' });
    expect(accepted.status).toBe(202);
    expect(accepted.json).toEqual({ id: on.fabric.batches[0]?.id });
    const list = await on.call('fabric', 'GET', batches);
    expect(fieldsOf(list.json, 'items', 'livyState')).toEqual(['hibernating']);
    expect(Number(list.headers['content-length'])).toBe(list.bytes.length);
  });

  test('a log with other bytes', async () => {
    const on = await bench({
      script: { steps: [{ at: 0, phase: 'running', livy: 'as it was' }] },
      faults: [
        {
          when: ({ path }) => path.includes('type=livy'),
          fault: { kind: 'rewrite', body: () => 'other' },
        },
      ],
    });
    const session = `${lakehousePath}/livySessions/${await on.submit()}`;
    const log = `${session}/applications/none/logs?type=livy`;
    expect((await on.call('fabric', 'GET', log)).text).toBe('other');
  });

  test.each([
    ['before', 0],
    ['after', 1],
  ] as const)('a reset %s the effect', async (moment, started) => {
    const on = await bench({
      faults: [{ when: isSubmit, times: 1, fault: { kind: 'reset', moment } }],
    });
    await on.token('https://api.fabric.microsoft.com/.default');
    await expect(on.call('fabric', 'POST', batches, { body: '{"file":"x"}' })).rejects.toThrow();
    expect(on.jobs).toHaveLength(started);
    const entry = on.fabric.requests.find(isSubmit);
    expect(entry).toMatchObject({ fault: 'reset' });
    expect(entry).not.toHaveProperty('status');
    expect((await on.call('fabric', 'GET', '/v1/workspaces')).status).toBe(200);
  });

  test.each([
    ['half', {}],
    ['as many bytes as it says', { bytes: 3 }],
  ])('a reply that is cut: %s', async (_name, bytes) => {
    const on = await bench({ faults: [{ when: isList, fault: { kind: 'cut', ...bytes } }] });
    await expect(on.call('fabric', 'GET', '/v1/workspaces')).rejects.toThrow();
    expect(on.fabric.requests.at(-1)).toMatchObject({ fault: 'cut' });
  });

  test('a streamed reply that is cut', async () => {
    const on = await bench();
    await on.call('onelake', 'PUT', `${files}/x?resource=file`);
    await on.call('onelake', 'PATCH', `${files}/x?action=append&position=0`, {
      body: Buffer.alloc(100_000),
    });
    await on.call('onelake', 'PATCH', `${files}/x?action=flush&position=100000`);
    const end = on.fabric.faults.add({
      when: ({ method }) => method === 'GET',
      fault: { kind: 'cut', bytes: 10 },
    });
    await expect(on.call('onelake', 'GET', `${files}/x`)).rejects.toThrow();
    end();
    expect((await on.call('onelake', 'GET', `${files}/x`)).bytes).toHaveLength(100_000);
  });

  test.each([
    ['before', 0],
    ['after', 1],
  ] as const)('a reply that is held %s the effect', async (moment, started) => {
    const { promise: until, resolve } = Promise.withResolvers<undefined>();
    const on = await bench({
      faults: [{ when: isSubmit, fault: { kind: 'hold', moment, until } }],
    });
    await on.token('https://api.fabric.microsoft.com/.default');
    let answered = false;
    const reply = on.submit().then((id) => {
      answered = true;
      return id;
    });
    // Another request goes through all of the way meanwhile.
    while (!on.fabric.requests.some(isSubmit)) await on.call('fabric', 'GET', '/v1/workspaces');
    await on.call('fabric', 'GET', '/v1/workspaces');
    expect(answered).toBe(false);
    expect(on.jobs).toHaveLength(started);
    resolve(undefined);
    await reply;
    expect(on.jobs).toHaveLength(1);
  });

  test('are chosen by host, method and path, the latest first', async () => {
    const on = await bench({
      faults: [{ when: ({ host }) => host === 'fabric', fault: { kind: 'answer', status: 500 } }],
    });
    on.fabric.faults.add({
      when: ({ path }) => path.includes('?x='),
      fault: { kind: 'answer', status: 503 },
    });
    expect((await on.call('fabric', 'GET', '/v1/workspaces?x=1')).status).toBe(503);
    expect((await on.call('fabric', 'GET', '/v1/workspaces')).status).toBe(500);
    expect((await on.call('onelake', 'GET', `${files}/none`)).status).toBe(404);
  });
});
