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
import { batches, bench, start } from './bench.ts';

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

  test('its certificate holds further names that were asked for', async () => {
    const on = await bench({ certificateNames: ['fabric.test', 'login.test'] });
    const certificate = new X509Certificate(on.fabric.certificate);
    expect(certificate.checkHost('login.test')).toBe('login.test');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('other.test')).toBeUndefined();
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
