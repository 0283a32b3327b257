import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import type { Fault } from '../../local/faults.ts';
import type { HostKind } from '../../local/settings.ts';
import type { HttpRequest, Transport } from '../../src/http/transport.ts';
import { runJob } from '../../src/job.ts';
import { claims, isStatus, isSubmit, nonce, stage, type Stage } from './stage.ts';

jest.setTimeout(90_000);

const minute = 60_000;
const hour = 60 * minute;
const lifetime = 3_599_000;
const down: Fault = { kind: 'answer', status: 503 };
const reset: Fault = { kind: 'reset', moment: 'before' };

function running(seconds: number): BatchScript {
  return {
    steps: [
      { at: 3, phase: 'running', stdout: 'at work\n' },
      { at: seconds, phase: 'success' },
    ],
  };
}

const endless = running(40 * 3_600);

function times(step: Stage, host: HostKind, status = 200): number[] {
  return step.fabric.requests
    .filter((entry) => entry.host === host && entry.status === status)
    .map(({ at }) => at);
}

function started(step: Stage): number {
  return step.fabric.requests.find(isSubmit)?.at ?? 0;
}

function unauthorized(step: Stage): number {
  return step.fabric.requests.filter(({ status }) => status === 401).length;
}

function expiry(request: HttpRequest | undefined): number {
  const told = request && claims(request);
  const exp = typeof told === 'object' && told !== null && 'exp' in told ? told.exp : 0;
  return typeof exp === 'number' ? exp * 1_000 : 0;
}

/** Breaks a host for 5 minutes out of every 11, each time in the other way, while the step runs. */
function stumbling(step: Stage, host: HostKind): void {
  for (let count = 0; count < 26; count += 1) {
    const fault = count % 2 === 0 ? down : reset;
    step.time.after((1 + count * 11) * minute, () => {
      const mend = step.fabric.faults.add({ when: (line) => line.host === host, fault });
      step.time.after(5 * minute, mend);
    });
  }
}

describe('a token is renewed ahead', () => {
  test('for 30 hours with a secret: never late, and not too often', async () => {
    const step = await stage({
      script: running(2 * 3_600),
      settings: { queueSeconds: 28 * 3_600 },
      inputs: { 'queue-timeout-minutes': '2000' },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs['result']).toBe('Succeeded');
    expect(unauthorized(step)).toBe(0);
    const tokens = times(step, 'authority');
    expect(tokens.length).toBeGreaterThanOrEqual(30);
    expect(tokens.length).toBeLessThanOrEqual(60);
    // A token good for 10 minutes is always at hand: each comes 10 minutes before the last one ends.
    const gaps = tokens.slice(1).map((at, index) => at - (tokens[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(lifetime - 10 * minute);
    expect(step.runner.warnings).toEqual([]);
  });

  test.each<[HostKind, 'secret' | 'oidc']>([
    ['authority', 'secret'],
    ['authority', 'oidc'],
    ['issuer', 'oidc'],
  ])('whatever 5 minutes the %s is down in (%s)', async (host, identity) => {
    const step = await stage({ script: running(5 * 3_600), identity });
    stumbling(step, host);
    await expect(step.run()).resolves.toBe(true);
    expect(step.fabric.requests.filter((entry) => entry.host === host && entry.fault)).not.toEqual(
      [],
    );
    expect(unauthorized(step)).toBe(0);
    const reads = step.fabric.requests.filter(isStatus).map(({ at }) => at);
    const gaps = reads.slice(1).map((at, index) => at - (reads[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(20_000);
    expect(step.runner.errors).toEqual([]);
  });
});

test.each<[string, 'secret' | 'oidc']>([
  ['an authority', 'secret'],
  ['an issuer', 'oidc'],
])('%s that says nothing does not hold timeout-minutes (%s)', async (_, identity) => {
  const silence = new Promise<never>(() => undefined);
  let silent = false;
  const step = await stage({
    script: endless,
    identity,
    inputs: { 'timeout-minutes': '90' },
    slow: ({ url }) => silent && url.includes('/oauth2/'),
  });
  step.afterSubmit(10 * minute, () => {
    silent = true;
    step.runner.idToken = () => silence;
    step.fabric.faults.add({
      when: ({ host }) => host === 'authority',
      fault: { kind: 'hold', moment: 'before', until: silence },
    });
  });
  await expect(step.run()).resolves.toBe(false);
  expect(['TimedOut', 'Unknown']).toContain(step.runner.outputs['result']);
  expect(step.time.now() - started(step)).toBeLessThanOrEqual(91 * minute);
});

describe('a signal', () => {
  test.each([40, 45, 49, 51, 55, 59.5, 95, 119])(
    'at minute %f, with the authority and the issuer dead: DELETE within a second',
    async (at) => {
      const step = await stage({ script: endless, identity: 'oidc' });
      let raised = 0;
      step.afterSubmit(at * minute, () => {
        step.fabric.faults.add({
          when: ({ host }) => host === 'authority' || host === 'issuer',
          fault: reset,
        });
        raised = step.time.now();
        step.interrupt.raise('SIGINT');
      });
      await expect(step.run()).resolves.toBe(false);
      const [cancel] = step.batchRequests('DELETE');
      expect(cancel?.status).toBe(200);
      expect((cancel?.at ?? 0) - raised).toBeLessThanOrEqual(1_000);
      const request = step.sent.find(({ method }) => method === 'DELETE');
      expect(expiry(request) - raised).toBeGreaterThanOrEqual(10 * minute - 1_000);
    },
  );
});

describe("GitHub's request token ends after 6 hours", () => {
  async function ended(cancelOn: string): Promise<Stage> {
    const step = await stage({
      script: endless,
      identity: 'oidc',
      inputs: { 'cancel-on': cancelOn },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Unknown', 'error-code': 'SIGN_IN_ENDED' });
    return step;
  }

  let told: Promise<Stage> | undefined;
  /** One such step with its post, of whose seven hours several tests look at what is left. */
  function endedByDefault(): Promise<Stage> {
    told ??= ended('cancel,timeout').then(async (step) => {
      await step.post();
      return step;
    });
    return told;
  }

  test('the step polls to its last token, and leaves the batch running', async () => {
    const step = await endedByDefault();
    const token = times(step, 'authority').at(-1) ?? 0;
    const read = step.fabric.requests.filter((one) => isStatus(one) && one.status === 200).at(-1);
    expect(token - started(step)).toBeLessThanOrEqual(6 * hour);
    expect(token - started(step)).toBeGreaterThan(5 * hour);
    expect((read?.at ?? 0) - token).toBeGreaterThan(lifetime - 2 * minute);
    expect((read?.at ?? 0) - token).toBeLessThan(lifetime);
    expect(step.batchRequests('DELETE')).toEqual([]);
    expect(step.fabric.batches[0]?.active).toBe(true);
  });

  test('it says how to follow the batch, and what to use for longer waits', async () => {
    const step = await endedByDefault();
    expect(step.error.message).toContain(step.runner.outputs['run-url']);
    expect(step.story + step.error.message).toContain(step.fabric.batches[0]?.id);
    expect(step.error.message).toMatch(/client.secret/);
  });

  test('Fabric is not asked with a token that has ended', async () => {
    const step = await endedByDefault();
    expect(times(step, 'fabric', 401)).toEqual([]);
  });

  test('with error in cancel-on the batch gets its DELETE, by a token that still counts', async () => {
    const step = await ended('cancel,timeout,error');
    expect(step.batchRequests('DELETE').map(({ status }) => status)).toContain(200);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test('a batch that ends on the last token has its verdict', async () => {
    const step = await stage({ script: running(6.2 * 3_600), identity: 'oidc' });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs['result']).toBe('Succeeded');
  });
});

describe('a 401 in the middle', () => {
  /** Runs while Fabric no longer accepts the first token, from some time after the submit. */
  async function revoked(identity: 'secret' | 'oidc', at: number): Promise<Stage> {
    const step = await stage({ script: running(1_800), identity, latency: 50 });
    const { transport } = step.world;
    let first: string | undefined;
    let over = false;
    step.afterSubmit(at, () => (over = true));
    const revoking: Transport = (request, signal) => {
      const bearer = request.headers?.['authorization'];
      if (request.url.startsWith(step.fabric.hosts.fabric)) first ??= bearer;
      const headers = { ...request.headers, authorization: 'Bearer revoked' };
      return transport(over && bearer === first ? { ...request, headers } : request, signal);
    };
    const world = { ...step.world, transport: revoking };
    const newNonce = (): string => nonce(0);
    await expect(runJob({ world, interrupt: step.interrupt, newNonce })).resolves.toBe(true);
    return step;
  }

  test.each<['secret' | 'oidc']>([['secret'], ['oidc']])(
    'is answered by one renewal, whoever meets it (%s)',
    async (identity) => {
      const step = await revoked(identity, 10 * minute);
      expect(unauthorized(step)).toBeGreaterThan(0);
      expect(unauthorized(step)).toBeLessThanOrEqual(3);
      const tokens = times(step, 'authority');
      expect(tokens).toHaveLength(2);
      expect((tokens[1] ?? 0) - started(step) - 10 * minute).toBeLessThan(20_000);
      expect(times(step, 'issuer')).toHaveLength(identity === 'oidc' ? 2 : 0);
      expect(step.runner.warnings).toEqual([]);
    },
  );
});

test('one exchange a scope, though many requests want it at once', async () => {
  const step = await stage({
    script: running(600),
    identity: 'oidc',
    inputs: { workspace: 'analytics', lakehouse: 'orders', file: 'main.py' },
    files: { 'main.py': 'print(1)\n' },
    latency: 700,
  });
  await expect(step.run()).resolves.toBe(true);
  expect(times(step, 'authority')).toHaveLength(2);
  expect(times(step, 'issuer')).toHaveLength(2);
});
