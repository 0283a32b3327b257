import { afterEach } from '@jest/globals';
import { Agent } from 'undici';
import { isObject, listAt, parseJson, textAt } from '../../src/http/json.ts';
import { scriptedEngine, type BatchScript } from '../../local/engine/scripted.ts';
import type { EngineJob } from '../../local/engine/engine.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { defaultIds, type HostKind, type LocalFabricSettings } from '../../local/settings.ts';

export interface Reply {
  status: number;
  headers: Record<string, string>;
  bytes: Buffer;
  text: string;
  json: unknown;
}

export interface Call {
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** A bearer in place of the one of the service; null: none. */
  token?: string | null;
}

export const scopes = {
  fabric: 'https://api.fabric.microsoft.com/.default',
  onelake: 'https://storage.azure.com/.default',
};

export const audience = 'api://AzureADTokenExchange';

/** Midday of a winter's day: no test depends on the machine's clock. */
export const start = Date.parse('2026-01-15T12:00:00Z');

/** A local Fabric on a clock that only the test moves, and a client that trusts its certificate. */
export class Bench {
  readonly fabric: LocalFabric;
  readonly jobs: readonly EngineJob[];
  readonly #clock: { time: number };
  readonly #agent: Agent;
  readonly #tokens = new Map<string, string>();

  constructor(
    fabric: LocalFabric,
    jobs: readonly EngineJob[],
    clock: { time: number },
    agent: Agent,
  ) {
    this.fabric = fabric;
    this.jobs = jobs;
    this.#clock = clock;
    this.#agent = agent;
  }

  get now(): number {
    return this.#clock.time;
  }

  pass(seconds: number): void {
    this.#clock.time += seconds * 1_000;
  }

  /** One request; the path is sent as it is given. No retries, no redirects. */
  async call(host: HostKind, method: string, path: string, call: Call = {}): Promise<Reply> {
    const scope =
      host === 'fabric' ? scopes.fabric : host === 'onelake' ? scopes.onelake : undefined;
    const token = call.token === undefined && scope ? await this.token(scope) : call.token;
    const answer = await this.#agent.request({
      origin: this.fabric.hosts[host],
      path,
      method: method === 'HEAD' ? 'HEAD' : method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(host === 'onelake' ? { 'x-ms-version': '2023-11-03' } : {}),
        ...(typeof call.body === 'string' ? { 'content-type': 'application/json' } : {}),
        ...call.headers,
      },
      body: call.body ?? null,
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const text = bytes.toString('utf8');
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
    );
    return { status: answer.statusCode, headers, bytes, text, json: parseJson(text) };
  }

  /** What the token endpoint answers to a form. */
  async signIn(
    form: Readonly<Record<string, string>>,
    tenant: string = defaultIds.tenant,
  ): Promise<Reply> {
    return this.call('authority', 'POST', `/${tenant}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(new URLSearchParams(form).toString()),
    });
  }

  secretForm(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      grant_type: 'client_credentials',
      client_id: this.fabric.clientId,
      client_secret: this.fabric.clientSecret,
      scope: scopes.fabric,
      ...more,
    };
  }

  /** An access token of the first application; the same one until `forgetTokens`. */
  async token(scope: string): Promise<string> {
    const known = this.#tokens.get(scope);
    if (known !== undefined) return known;
    const reply = await this.signIn(this.secretForm({ scope }));
    const token = textAt(reply.json, 'access_token');
    if (token === undefined) throw new Error(reply.text);
    this.#tokens.set(scope, token);
    return token;
  }

  forgetTokens(): void {
    this.#tokens.clear();
  }

  /** Submits a batch and gives its id. */
  async submit(body: Readonly<Record<string, unknown>> = { file: 'abfss://x' }): Promise<string> {
    const reply = await this.call('fabric', 'POST', batches, { body: JSON.stringify(body) });
    const id = textAt(reply.json, 'id');
    if (reply.status !== 202 || id === undefined) throw new Error(`${reply.status} ${reply.text}`);
    return id;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
    await this.fabric.close();
  }
}

export const { workspace, lakehouse } = defaultIds;
export const lakehousePath = `/v1/workspaces/${workspace}/lakehouses/${lakehouse}`;
export const batches = `${lakehousePath}/livyapi/versions/2023-12-01/batches`;
export const files = `/${workspace}/${lakehouse}/Files`;

export type BenchSettings = Omit<LocalFabricSettings, 'engine'> & {
  script?: BatchScript | ((job: EngineJob) => BatchScript);
};

const open: Bench[] = [];

/** Starts a local Fabric with a scripted engine; it is closed after the test. */
export async function bench(settings: BenchSettings = {}): Promise<Bench> {
  const clock = { time: start, now: () => clock.time };
  const jobs: EngineJob[] = [];
  const { script = { steps: [] }, ...rest } = settings;
  const engine = scriptedEngine((job) => {
    jobs.push(job);
    return typeof script === 'function' ? script(job) : script;
  }, clock);
  const fabric = await startLocalFabric({ clock, ...rest, engine });
  const agent = new Agent({ connect: { ca: fabric.certificate } });
  const made = new Bench(fabric, jobs, clock, agent);
  open.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

export function errorCodeOf(reply: Reply): string | undefined {
  return textAt(reply.json, 'errorCode');
}

/** Code of an error in the form of Data Lake Storage. */
export function dfsCodeOf(reply: Reply): string | undefined {
  return isObject(reply.json) ? textAt(reply.json['error'], 'code') : undefined;
}

/** One text field of each item of a list. */
export function fieldsOf(json: unknown, list: string, field: string): (string | undefined)[] {
  return listAt(json, list).map((item) => textAt(item, field));
}

/** What a job with `id-token: write` gets from GitHub. */
export async function idToken(on: Bench, wanted = audience): Promise<string> {
  const { pathname, search } = new URL(on.fabric.env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '');
  const reply = await on.call(
    'issuer',
    'GET',
    `${pathname}${search}&audience=${encodeURIComponent(wanted)}`,
    { token: on.fabric.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '' },
  );
  return textAt(reply.json, 'value') ?? '';
}

/** The answer of the token endpoint to an assertion of GitHub. */
export async function withAssertion(on: Bench, assertion: string): Promise<Reply> {
  return on.signIn({
    grant_type: 'client_credentials',
    client_id: on.fabric.clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    scope: scopes.fabric,
  });
}

/** The numbers behind AADSTS of a refusal. */
export function codesOf(reply: Reply): readonly unknown[] {
  return listAt(reply.json, 'error_codes');
}

/** A submit with every field of the contract. */
export const whole = {
  name: 'orders 123456789012',
  file: 'abfss://w@onelake/l/Files/x.py',
  className: 'Main',
  args: ['a', ''],
  jars: ['j'],
  pyFiles: ['p'],
  files: ['f'],
  archives: ['z'],
  conf: { 'spark.a': 'b' },
  tags: { submission: 'n' },
  driverMemory: '28g',
  driverCores: 4,
  executorMemory: '28g',
  executorCores: 4,
  numExecutors: 2,
};
