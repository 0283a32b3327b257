import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { textAt } from '../../src/http/json.ts';
import type { Engine } from '../../local/engine/engine.ts';
import { startLocalFabric } from '../../local/fabric.ts';
import { defaultIds } from '../../local/settings.ts';
import { batches, bench, files, start } from './bench.ts';

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

describe('what a local Fabric tells of itself', () => {
  test('its journal: host, method, path, status, time, and no token', async () => {
    const on = await bench();
    on.pass(5);
    await on.call('fabric', 'GET', '/v1/workspaces?roles=Admin');
    expect(on.fabric.requests).toEqual([
      {
        host: 'authority',
        method: 'POST',
        path: `/${defaultIds.tenant}/oauth2/v2.0/token`,
        status: 200,
        at: start + 5_000,
      },
      {
        host: 'fabric',
        method: 'GET',
        path: '/v1/workspaces?roles=Admin',
        status: 200,
        at: start + 5_000,
      },
    ]);
    expect(on.fabric.connections).toEqual({ authority: 1, issuer: 0, fabric: 1, onelake: 0 });
  });

  test('its batches, as the engine knows them', async () => {
    const on = await bench({ script: { steps: [{ at: 0, phase: 'running' }] } });
    const id = await on.submit({ file: 'x', tags: { submission: 'n' } });
    const [batch] = on.fabric.batches;
    expect(batch).toMatchObject({ id, request: { file: 'x', tags: { submission: 'n' } } });
    expect(batch?.snapshot().phase).toBe('running');
  });

  test('what a step needs: environment and inputs', async () => {
    const on = await bench();
    const { env, inputs, hosts } = on.fabric;
    expect(readFileSync(env['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8')).toBe(on.fabric.certificate);
    expect(inputs).toMatchObject({
      'fabric-endpoint': hosts.fabric,
      'onelake-endpoint': hosts.onelake,
      'authority-host': hosts.authority,
      'tenant-id': defaultIds.tenant,
      'client-id': defaultIds.client,
    });
    expect(inputs['portal-url']).toMatch(/^https:/);
  });

  test('its certificate: an authority for loopback, and nothing else', async () => {
    const on = await bench();
    const certificate = new X509Certificate(on.fabric.certificate);
    expect(certificate.ca).toBe(true);
    expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
    await expect(request(on.fabric.hosts.fabric)).rejects.toThrow(/self-signed/);
  });
});

describe('start and end', () => {
  const engine: Engine = {
    kind: 'script',
    run: () => {
      throw new Error('no batch is expected');
    },
    close: () => Promise.resolve(),
  };

  test('the state folder stays when it was given, and goes when it was not', async () => {
    const stateFolder = mkdtempSync(join(tmpdir(), 'local-fabric-test-'));
    const given = await startLocalFabric({ engine, stateFolder });
    const own = await startLocalFabric({ engine });
    expect(existsSync(join(own.folderOf(defaultIds.lakehouse), 'Tables'))).toBe(true);
    await Promise.all([given.close(), own.close()]);
    expect(existsSync(join(stateFolder, 'lakehouses', defaultIds.lakehouse, 'Files'))).toBe(true);
    expect(existsSync(own.stateFolder)).toBe(false);
    rmSync(stateFolder, { recursive: true });
  });

  test('a start that fails leaves nothing listening', async () => {
    const [first, gone] = [await startLocalFabric({ engine }), await startLocalFabric({ engine })];
    const portOf = (host: string): number => Number(new URL(host).port);
    await gone.close();
    const authority = portOf(gone.hosts.authority);
    const taken = { authority, onelake: portOf(first.hosts.onelake) };
    await expect(startLocalFabric({ engine, ports: taken })).rejects.toThrow(/EADDRINUSE/);
    const again = await startLocalFabric({ engine, ports: { authority } });
    expect(portOf(again.hosts.authority)).toBe(authority);
    await Promise.all([first.close(), again.close()]);
  });

  test('settings that cannot be meant', async () => {
    const { workspace: id, lakehouse } = defaultIds;
    for (const settings of [
      { tenantId: 'x' },
      { applications: [] },
      { workspaces: [{ id: lakehouse, name: 'w', lakehouses: [{ id: lakehouse, name: 'l' }] }] },
      {
        workspaces: ['W', 'w'].map((name, at) => ({
          id: `${id.slice(0, -1)}${at}`,
          name,
          lakehouses: [],
        })),
      },
    ])
      await expect(startLocalFabric({ engine, ...settings })).rejects.toThrow();
  });

  test('two of them do not disturb each other', async () => {
    const [one, other] = [await bench(), await bench()];
    await one.submit();
    const { json } = await other.call('fabric', 'GET', `${batches}?$count=true`);
    expect(textAt(json, 'totalCountOfMatchedItems')).toBe('0');
  });
});
