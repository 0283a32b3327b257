import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scriptedEngine, goodBatch } from '../../local/engine/scripted.ts';
import { startLocalFabric } from '../../local/fabric.ts';
import { exportsOf, parseExports } from '../../local/step/exports.ts';
import {
  fabricSettings,
  parseServeSettings,
  serveSettings,
} from '../../local/step/serve-settings.ts';
import { systemClock } from '../../src/clock.ts';
import { readInputs } from '../../src/inputs.ts';
import { isObject } from '../../src/http/json.ts';
import { root } from '../action/bench.ts';

const inputs = {
  workspace: 'analytics-test',
  lakehouse: 'orders',
  environment: undefined,
  seed: { path: 'Files', files: [] },
  port: 0,
  capacity: 0,
};

describe('what the background process is started with', () => {
  test('comes back from its file', () => {
    const full = { ...inputs, environment: 'team', port: 4000, capacity: 3 };
    for (const settings of [
      serveSettings(full, { pid: 77, trusted: '/etc/ca.pem' }),
      serveSettings(inputs, { pid: 77, trusted: '' }),
    ])
      expect(parseServeSettings(JSON.stringify(settings))).toEqual(settings);
  });

  test('names no runner that cannot be watched: 0 is outside the container, 1 never ends', () => {
    const pid = (pid: number): number => serveSettings(inputs, { pid, trusted: '' }).runnerPid;
    expect([pid(0), pid(1), pid(2)]).toEqual([0, 0, 2]);
  });

  test.each(['', '[]', '{"workspace":"w"}'])('is refused when it is %j', (text) => {
    expect(() => parseServeSettings(text)).toThrow('no settings of local Fabric');
  });
});

describe('the local Fabric of a step', () => {
  const settings = serveSettings({ ...inputs, port: 4000, capacity: 2 }, { pid: 2, trusted: '' });

  test('has one workspace with one lakehouse, four ports in a row, and the capacity', () => {
    const given = fabricSettings(settings, {});
    expect(given.workspaces).toMatchObject([
      { name: 'analytics-test', lakehouses: [{ name: 'orders' }], environments: [] },
    ]);
    expect(given.ports).toEqual({ authority: 4000, issuer: 4001, fabric: 4002, onelake: 4003 });
    expect(given.capacity).toEqual({ maxConcurrent: 2 });
  });

  test('has an issuer that tells of this run', () => {
    const { github } = fabricSettings(settings, {
      GITHUB_REPOSITORY: 'octo/data',
      GITHUB_REF: 'refs/pull/7/merge',
      GITHUB_RUN_ID: '42',
      GITHUB_ACTOR: '',
      GITHUB_WORKFLOW_REF: 'octo/data/.github/workflows/tests.yml@refs/pull/7/merge',
    });
    expect(github).toEqual({
      repository: 'octo/data',
      ref: 'refs/pull/7/merge',
      runId: '42',
      workflowFile: '.github/workflows/tests.yml',
    });
  });
});

describe('what later steps are told', () => {
  test('is all that the action needs beside the names', async () => {
    const engine = scriptedEngine(goodBatch(''), systemClock);
    const fabric = await startLocalFabric({ engine });
    await fabric.close();
    const exports = exportsOf(fabric, '/tmp/certificates.pem');
    expect(parseExports(JSON.stringify(exports))).toEqual(exports);

    const given: Readonly<Record<string, string>> = {
      workspace: 'w',
      lakehouse: 'l',
      file: 'Files/a.py',
    };
    const read = readInputs({
      input: (name) => given[name] ?? '',
      env: (name) => exports.variables[name],
    });
    expect(read.endpoints).toMatchObject({
      fabric: fabric.hosts.fabric,
      onelake: fabric.hosts.onelake,
      authority: fabric.hosts.authority,
    });
    expect(read).toMatchObject({
      tenantId: fabric.settings.tenantId,
      clientId: fabric.clientId,
      clientSecret: undefined,
    });
    expect(exports.variables).toMatchObject({ NODE_EXTRA_CA_CERTS: '/tmp/certificates.pem' });
    expect(exports.secrets).toEqual([
      fabric.clientSecret,
      fabric.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
    ]);
    const file: unknown = parse(readFileSync(join(root, 'local', 'action.yml'), 'utf8'));
    const declared = isObject(file) && isObject(file['outputs']) ? file['outputs'] : {};
    expect(Object.keys(exports.outputs).sort()).toEqual(Object.keys(declared).sort());
  });

  test.each(['', '{}', '{"variables":{"A":1},"outputs":{},"secrets":[]}'])(
    'is not taken from %j',
    (text) => expect(parseExports(text)).toBeUndefined(),
  );
});
