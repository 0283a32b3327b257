import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import {
  defaultIds,
  type ApplicationSettings,
  type WorkspaceSettings,
} from '../../local/settings.ts';
import { isSubmit, nonce, stage, type Stage } from './stage.ts';

jest.setTimeout(30_000);

const script = goodBatch('x\n');
const otherId = '99999999-0a51-4c1e-9d5b-1d2f3a4b5c61';
const subject = 'repo:octo-org/orders:ref:refs/heads/main';

function application(changes: Partial<ApplicationSettings>): ApplicationSettings {
  return {
    clientId: defaultIds.client,
    objectId: defaultIds.principal,
    name: 'the-client',
    secret: 'a-secret-of-the-tests-0123456789',
    federatedCredentials: [{ subject }],
    ...changes,
  };
}

/** Runs to a red end before any batch, and gives the error's text. */
async function refusedStep(step: Stage, code: string): Promise<string> {
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs).toMatchObject({
    result: 'NotStarted',
    'error-code': code,
    submission: 'none',
  });
  expect(step.fabric.batches).toEqual([]);
  expect(step.error.title).toBe('Spark batch not started');
  expect(step.runner.summaryText).toContain(code);
  expect(step.runner.states['settled'] ?? 'nothing to settle').not.toBe('');
  return step.error.message;
}

describe('sign-in', () => {
  test('a wrong secret', async () => {
    const step = await stage({ script, inputs: { 'client-secret': 'not-the-secret-at-all' } });
    const text = await refusedStep(step, 'SIGN_IN_REFUSED');
    expect(text).toContain('AADSTS7000215');
    expect(text).toContain('not the Secret ID');
    expect(text).not.toContain('not-the-secret-at-all');
    expect(step.fabric.requests).toHaveLength(1);
  });

  test('a good secret is used, also where GitHub OIDC is at hand', async () => {
    const step = await stage({
      script,
      env: {
        ACTIONS_ID_TOKEN_REQUEST_URL: 'https://127.0.0.1/token?',
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job',
      },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(step.fabric.connections.issuer).toBe(0);
  });

  test('an expired secret', async () => {
    const step = await stage({
      script,
      settings: { applications: [application({ secretExpired: true })] },
    });
    const text = await refusedStep(step, 'SIGN_IN_REFUSED');
    expect(text).toContain('AADSTS7000222');
    expect(text).toContain('create a new one');
  });

  test('an unknown client', async () => {
    const step = await stage({ script, inputs: { 'client-id': otherId } });
    const text = await refusedStep(step, 'SIGN_IN_REFUSED');
    expect(text).toContain('AADSTS700016');
    expect(text).toContain('Check client-id and tenant-id');
    expect(text).toContain(otherId);
  });

  test('an unknown tenant', async () => {
    const step = await stage({ script, inputs: { 'tenant-id': otherId } });
    const text = await refusedStep(step, 'SIGN_IN_REFUSED');
    expect(text).toContain('AADSTS90002');
    expect(text).toContain(`Check tenant-id: ${otherId}`);
  });

  test('a secret that the application has not', async () => {
    const { clientId, objectId, name, federatedCredentials } = application({});
    const noSecret = { clientId, objectId, name, federatedCredentials };
    const step = await stage({
      script,
      settings: { applications: [noSecret] },
      inputs: { 'client-secret': 'some-secret-of-yore' },
    });
    await refusedStep(step, 'SIGN_IN_REFUSED');
  });
});

describe('federated credentials', () => {
  test('a good one: an ID token for every access token', async () => {
    const step = await stage({ script, identity: 'oidc' });
    await expect(step.run()).resolves.toBe(true);
    const count = (host: string): number =>
      step.fabric.requests.filter((entry) => entry.host === host).length;
    expect(count('issuer')).toBe(count('authority'));
  });

  test('none that matches: shows what this run presented', async () => {
    const step = await stage({
      script,
      identity: 'oidc',
      settings: {
        applications: [
          application({ federatedCredentials: [{ subject: 'repo:octo-org/other:ref:x' }] }),
        ],
      },
    });
    const text = await refusedStep(step, 'SIGN_IN_REFUSED');
    expect(text).toContain('AADSTS700213');
    expect(text).toContain(`issuer: ${step.fabric.hosts.issuer}`);
    expect(text).toContain(`subject: ${subject}`);
    expect(text).toContain('audience: api://AzureADTokenExchange');
    expect(text).toContain('Federated credentials');
  });

  test('a subject that differs by case', async () => {
    const step = await stage({
      script,
      identity: 'oidc',
      settings: {
        applications: [
          application({ federatedCredentials: [{ subject: subject.replace('octo', 'Octo') }] }),
        ],
      },
    });
    const text = await refusedStep(step, 'SIGN_IN_REFUSED');
    expect(text).toContain('AADSTS7002138');
    expect(text).toContain('upper and lower case included');
    expect(text).toContain(`subject: ${subject}`);
  });

  test('an audience that does not match', async () => {
    const step = await stage({ script, identity: 'oidc', inputs: { audience: 'api://elsewhere' } });
    const text = await refusedStep(step, 'SIGN_IN_REFUSED');
    expect(text).toContain('AADSTS700212');
    expect(text).toContain('audience: api://elsewhere');
  });

  test('none at all', async () => {
    const step = await stage({
      script,
      identity: 'oidc',
      settings: { applications: [application({ federatedCredentials: [] })] },
    });
    const text = await refusedStep(step, 'SIGN_IN_REFUSED');
    expect(text).toContain('AADSTS70025');
    expect(text).toContain('Add or correct a federated credential');
  });

  test('no ID token at all: the permission is named', async () => {
    const step = await stage({
      script,
      identity: 'oidc',
      settings: {
        faults: [{ when: ({ host }) => host === 'issuer', fault: { kind: 'answer', status: 403 } }],
      },
    });
    const text = await refusedStep(step, 'SIGN_IN_UNREACHABLE');
    expect(text).toContain('id-token: write');
  });
});

describe('names and roles', () => {
  const many: WorkspaceSettings[] = Array.from({ length: 13 }, (_, index) => ({
    id: `11111111-0a51-4c1e-9d5b-${String(index).padStart(12, '0')}`,
    name: `team-${String(index).padStart(2, '0')}`,
    capacityId: defaultIds.capacity,
    lakehouses: [],
  }));

  test('an unknown workspace: says which are there, ten at most', async () => {
    const step = await stage({
      script,
      settings: { workspaces: many, pageSize: 5 },
      inputs: { workspace: 'analitics' },
    });
    const text = await refusedStep(step, 'WORKSPACE_NOT_FOUND');
    expect(text).toContain('"analitics"');
    expect(text.match(/team-\d\d/g)).toEqual(many.slice(0, 10).map(({ name }) => name));
    expect(text).toContain('and 3 more');
  });

  test('an unknown lakehouse', async () => {
    const step = await stage({ script, inputs: { workspace: 'analytics', lakehouse: 'order' } });
    const text = await refusedStep(step, 'LAKEHOUSE_NOT_FOUND');
    expect(text).toContain('"order"');
    expect(text).toContain('It can see: orders.');
  });

  test('a viewer may not submit', async () => {
    const step = await stage({
      script,
      settings: { applications: [application({ roles: { [defaultIds.workspace]: 'viewer' } })] },
    });
    const text = await refusedStep(step, 'FORBIDDEN');
    expect(text).toContain('403');
    expect(text).toContain('role Contributor');
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.runner.summaryText).toContain('Request id');
  });

  test('a viewer may not upload', async () => {
    const step = await stage({
      script,
      settings: { applications: [application({ roles: { [defaultIds.workspace]: 'viewer' } })] },
      inputs: { file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    const text = await refusedStep(step, 'FORBIDDEN');
    expect(text).toContain('role Contributor');
    expect(step.batchRequests('POST')).toHaveLength(0);
  });

  test('no role: by name the workspace is not seen', async () => {
    const step = await stage({
      script,
      settings: { applications: [application({ roles: { [defaultIds.workspace]: 'none' } })] },
      inputs: { workspace: 'analytics' },
    });
    const text = await refusedStep(step, 'WORKSPACE_NOT_FOUND');
    expect(text).toContain('It can see no workspace at all.');
    expect(text).toContain('Service principals can call Fabric public APIs');
  });

  test('no role: by id the submit is tried five times and refused', async () => {
    const step = await stage({
      script,
      settings: { applications: [application({ roles: { [defaultIds.workspace]: 'none' } })] },
    });
    const text = await refusedStep(step, 'NOT_FOUND');
    expect(text).toContain('WorkspaceNotFound');
    const times = step.batchRequests('POST').map(({ at }) => at);
    expect(times).toHaveLength(5);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000]);
  });

  test('a workspace without a capacity', async () => {
    const step = await stage({
      script,
      settings: {
        workspaces: [
          {
            id: defaultIds.workspace,
            name: 'analytics',
            lakehouses: [{ id: defaultIds.lakehouse, name: 'orders' }],
          },
        ],
      },
      inputs: { workspace: 'analytics', lakehouse: 'orders' },
    });
    const text = await refusedStep(step, 'NOT_FOUND');
    expect(text).toContain('CapacityNotFound');
    expect(text).toContain('has a Fabric capacity');
    expect(step.runner.warnings.join('\n')).toContain('shows no capacity');
  });
});

describe('a full capacity', () => {
  function freedAfter(step: Stage, milliseconds: number): void {
    step.fabric.settings.capacity.maxConcurrent = 0;
    step.afterSubmit(milliseconds, () => {
      step.fabric.settings.capacity.maxConcurrent = 5;
    });
  }

  test('that has room again within capacity-wait-minutes', async () => {
    const step = await stage({ script, settings: { capacity: { maxConcurrent: 0 } } });
    freedAfter(step, 8 * 60_000);
    await expect(step.run()).resolves.toBe(true);
    expect(step.fabric.batches).toHaveLength(1);
    const statuses = step.batchRequests('POST').map(({ status }) => status);
    expect(statuses.length).toBeGreaterThan(3);
    expect(statuses.filter((status) => status === 430)).toHaveLength(statuses.length - 1);
    expect(step.runner.lines.filter((line) => line.includes('capacity is full'))).not.toEqual([]);
    expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', submission: 'submitted' });
  });

  test('that stays full', async () => {
    const step = await stage({
      script,
      settings: { capacity: { maxConcurrent: 0 } },
      inputs: { 'capacity-wait-minutes': '5' },
    });
    const start = step.time.now();
    const text = await refusedStep(step, 'CAPACITY_FULL');
    expect(text).toContain('TooManyRequestsForCapacity');
    expect(text).toContain('raise capacity-wait-minutes');
    const last = step.batchRequests('POST').at(-1)?.at ?? 0;
    expect(last - start).toBeLessThanOrEqual(5 * 60_000);
    expect(last - start).toBeGreaterThan(2 * 60_000);
  });

  test('whose Retry-After is obeyed', async () => {
    const step = await stage({
      script,
      settings: { capacity: { maxConcurrent: 0, retryAfterSeconds: 100 } },
    });
    freedAfter(step, 150_000);
    await expect(step.run()).resolves.toBe(true);
    const times = step.batchRequests('POST').map(({ at }) => at);
    expect(times.slice(1).map((at, index) => at - (times[index] ?? 0))).toEqual([100_000, 100_000]);
  });

  test('that is not waited for when capacity-wait-minutes is 0', async () => {
    const step = await stage({
      script,
      settings: { capacity: { maxConcurrent: 0 } },
      inputs: { 'capacity-wait-minutes': '0' },
    });
    await refusedStep(step, 'CAPACITY_FULL');
    expect(step.batchRequests('POST')).toHaveLength(1);
  });

  test('found after the acceptance: submitted again under another nonce', async () => {
    const step = await stage({
      script,
      settings: { capacity: { maxConcurrent: 0, whenFull: 'fail-later' } },
      inputs: { file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    freedAfter(step, 20_000);
    await expect(step.run()).resolves.toBe(true);
    const nonces = step.fabric.batches.map(({ request }) => request.tags?.['submission']);
    expect(nonces).toEqual([nonce(1), nonce(0)]);
    expect(step.runner.outputs['batch-id']).toBe(step.fabric.batches[0]?.id);
    expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', state: 'success' });
    expect(step.runner.errors).toEqual([]);
  });

  test('found after the acceptance, again and again', async () => {
    const step = await stage({
      script,
      settings: { capacity: { maxConcurrent: 0, whenFull: 'fail-later' } },
      inputs: { 'capacity-wait-minutes': '5' },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'CAPACITY_FULL',
    });
    expect(step.fabric.batches.length).toBeGreaterThan(2);
    const nonces = step.fabric.batches.map(({ request }) => request.tags?.['submission']);
    expect(new Set(nonces).size).toBe(nonces.length);
    expect(step.error.message).toContain('raise capacity-wait-minutes');
    expect(step.error.title).toBe('Spark batch not started');
  });
});

describe('throttling', () => {
  test('a 429 on the submit: sent again when Retry-After says, not before', async () => {
    const step = await stage({ script });
    step.fabric.faults.add({
      when: isSubmit,
      times: 1,
      fault: { kind: 'answer', status: 429, headers: { 'retry-after': '90' } },
    });
    await expect(step.run()).resolves.toBe(true);
    const [first, second, third] = step.batchRequests('POST').map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBe(90_000);
    expect(third).toBeUndefined();
  });

  test('a 429 on the submit that says until when in its text only', async () => {
    const step = await stage({ script });
    const until = new Date(step.time.now() + 75_000);
    const text = until.toLocaleString('en-US', { timeZone: 'UTC' }).replace(',', '');
    step.fabric.faults.add({
      when: isSubmit,
      times: 1,
      fault: {
        kind: 'answer',
        status: 429,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          errorCode: 'RequestBlocked',
          message: `Request is blocked by the upstream service until: ${text} (UTC)`,
        }),
      },
    });
    await expect(step.run()).resolves.toBe(true);
    const [first, second] = step.batchRequests('POST').map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(74_000);
    expect((second ?? 0) - (first ?? 0)).toBeLessThan(90_000);
  });

  test('a 429 for longer than capacity-wait-minutes', async () => {
    const step = await stage({ script, inputs: { 'capacity-wait-minutes': '3' } });
    step.fabric.faults.add({
      when: isSubmit,
      fault: { kind: 'answer', status: 429, headers: { 'retry-after': '60' } },
    });
    const text = await refusedStep(step, 'THROTTLED');
    expect(text).toContain('request quota');
    expect(step.batchRequests('POST').length).toBeLessThanOrEqual(4);
  });

  test('a 429 on a log read: nothing is sent until Retry-After is over', async () => {
    const step = await stage({ script: goodBatch('hello\n', 120) });
    step.fabric.faults.add({
      when: ({ path }) => path.includes('fileName=stdout'),
      times: 1,
      fault: { kind: 'answer', status: 429, headers: { 'retry-after': '30' } },
    });
    await expect(step.run()).resolves.toBe(true);
    const { requests } = step.fabric;
    const refusedAt = requests.findIndex(({ status }) => status === 429);
    const next = requests.slice(refusedAt + 1).find(({ host }) => host === 'fabric');
    expect(next).toBeDefined();
    expect((next?.at ?? 0) - (requests[refusedAt]?.at ?? 0)).toBeGreaterThanOrEqual(30_000);
    expect(step.logFile('stdout.log').toString('utf8')).toBe('hello\n');
  });

  test('a small budget slows the step and does not fail it', async () => {
    const step = await stage({
      script: goodBatch('hello\n', 600),
      settings: { requestsPerMinute: 10 },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(step.logFile('stdout.log').toString('utf8')).toBe('hello\n');
    const refused = step.fabric.requests.filter(({ status }) => status === 429);
    const good = step.fabric.requests.filter(({ status }) => status === 200);
    expect(refused.length).toBeLessThan(good.length / 2);
  });
});
