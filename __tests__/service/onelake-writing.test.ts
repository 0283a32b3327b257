import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { scriptedEngine } from '../../local/engine/scripted.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import type { Fault, FaultRule } from '../../local/faults.ts';
import { defaultIds, type LocalFabricSettings } from '../../local/settings.ts';
import { BearerClient } from '../../src/auth/bearer.ts';
import { Tokens } from '../../src/auth/tokens.ts';
import { OneLake } from '../../src/fabric/onelake.ts';
import { blockSize } from '../../src/fabric/upload-blocks.ts';
import { HttpClient } from '../../src/http/client.ts';
import { isObject } from '../../src/http/json.ts';
import { undiciTransport, type HttpRequest, type Transport } from '../../src/http/transport.ts';
import { VirtualTime } from './virtual-time.ts';

const scope = 'https://storage.azure.com/.default';
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

class Scene {
  readonly time: VirtualTime;
  readonly fabric: LocalFabric;
  readonly lake: OneLake;
  readonly folder: string;
  /** Bytes of replies that came to the client. */
  received = 0;
  readonly sent: HttpRequest[] = [];
  /** Appends that were under way at a time. */
  mostUnderWay = 0;
  #underWay = 0;

  constructor(time: VirtualTime, fabric: LocalFabric, folder: string, delay: () => number) {
    this.time = time;
    this.fabric = fabric;
    this.folder = folder;
    const network = undiciTransport({ ca: fabric.certificate });
    open.push(() => network.close());
    const measured: Transport = async (request, signal) => {
      this.sent.push(request);
      const append = request.url.includes('action=append') ? 1 : 0;
      this.#underWay += append;
      this.mostUnderWay = Math.max(this.mostUnderWay, this.#underWay);
      if (delay() > 0) await pause(delay());
      const reply = await network.transport(request, signal).finally(() => {
        this.#underWay -= append;
      });
      return { ...reply, body: this.#counted(reply.body) };
    };
    const http = new HttpClient({
      transport: time.transport(measured),
      clock: time,
      random: () => 0.5,
    });
    const tokens = new Tokens({
      clock: time,
      onNew: () => undefined,
      exchange: async () => ({
        value: await tokenOf(http, fabric),
        expiresAt: time.now() + 3_599_000,
      }),
    });
    const origin = fabric.hosts.onelake;
    const client = new BearerClient({ http, tokens, scope, origin });
    this.lake = new OneLake(client, defaultIds.workspace, defaultIds.lakehouse);
  }

  async *#counted(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of body) {
      this.received += chunk.length;
      yield chunk;
    }
  }

  local(name: string, content: Uint8Array | string): { realPath: string; size: number } {
    const realPath = join(this.folder, name);
    writeFileSync(realPath, content);
    return { realPath, size: Buffer.byteLength(content) };
  }

  /** A path of the lakehouse, on disk. */
  there(path: string): string {
    return join(this.fabric.folderOf(defaultIds.lakehouse), path);
  }

  putThere(path: string, content: Uint8Array | string): void {
    mkdirSync(dirname(this.there(path)), { recursive: true });
    writeFileSync(this.there(path), content);
  }

  /** Positions of the appends that OneLake was sent, in order. */
  get positions(): number[] {
    return this.fabric.requests.flatMap(({ path }) => {
      const position = /action=append&position=(\d+)/.exec(path)?.[1];
      return position === undefined ? [] : [Number(position)];
    });
  }

  asked(part: string): number {
    return this.fabric.requests.filter(({ path }) => path.includes(part)).length;
  }
}

async function tokenOf(http: HttpClient, fabric: LocalFabric): Promise<string> {
  const answer = await http.send({
    method: 'POST',
    url: `${fabric.hosts.authority}/${defaultIds.tenant}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: fabric.clientId,
      client_secret: fabric.clientSecret,
      scope,
    }).toString(),
  });
  const token = isObject(answer.json) ? answer.json['access_token'] : undefined;
  if (typeof token !== 'string') throw new Error(answer.text);
  return token;
}

async function scene(
  settings: Partial<LocalFabricSettings> = {},
  delay: () => number = () => 0,
): Promise<Scene> {
  const time = new VirtualTime();
  const engine = scriptedEngine({ steps: [] }, time);
  const fabric = await startLocalFabric({ clock: time, ...settings, engine });
  const folder = mkdtempSync(join(tmpdir(), 'uploads-'));
  open.push(async () => {
    await fabric.close();
    rmSync(folder, { recursive: true });
  });
  return new Scene(time, fabric, folder, delay);
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await pause(2);
}

const at =
  (part: string) =>
  ({ host, path }: { host: string; path: string }): boolean =>
    host === 'onelake' && new RegExp(`${part}(&|$)`).test(path);
const meets = (part: string, fault: Fault, times = 1): FaultRule => ({
  when: at(part),
  times,
  fault,
});
const never = new Promise(() => undefined);

describe('a file of the checkout', () => {
  test('of 40 MB arrives whole, its blocks side by side, none too many', async () => {
    const bytes = randomBytes(40_000_000);
    const on = await scene({}, () => Math.random() * 30);
    const told: number[] = [];
    await on.lake.write('Files/up/big.bin', on.local('big.bin', bytes), {
      onProgress: (sent) => told.push(sent),
    });
    expect(hash(readFileSync(on.there('Files/up/big.bin')))).toBe(hash(bytes));
    expect([...on.positions].sort((a, b) => a - b)).toEqual(
      [0, 1, 2, 3, 4].map((block) => block * blockSize),
    );
    expect(on.mostUnderWay).toBe(4);
    expect(told.at(-1)).toBe(40_000_000);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  test('many files at a time hold no more blocks than one', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const hold: Fault = { kind: 'hold', moment: 'before', until: held };
    const on = await scene({ faults: [meets('action=append.*', hold, 99)] });
    const bytes = randomBytes(3 * blockSize);
    const source = on.local('x.bin', bytes);
    const all = ['a', 'b', 'c'].map((name) => on.lake.write(`Files/${name}`, source));
    await until(() => on.positions.length >= 4 && on.asked('resource=file') === 3);
    await pause(50);
    expect(on.positions).toHaveLength(4);
    release();
    await Promise.all(all);
    expect(on.positions).toHaveLength(9);
    expect(on.mostUnderWay).toBe(4);
    for (const name of ['a', 'b', 'c'])
      expect(hash(readFileSync(on.there(`Files/${name}`)))).toBe(hash(bytes));
  });

  test.each<[string, string, Fault]>([
    ['create', 'resource=file', { kind: 'answer', status: 503 }],
    ['create', 'resource=file', { kind: 'reset', moment: 'after' }],
    ['block', 'position=8388608', { kind: 'answer', status: 500 }],
    ['block', 'position=8388608', { kind: 'answer', moment: 'after', status: 500 }],
    ['block', 'position=8388608', { kind: 'answer', status: 429, headers: { 'retry-after': '7' } }],
    ['block', 'position=8388608', { kind: 'answer', status: 401 }],
    ['block', 'position=0', { kind: 'reset', moment: 'before' }],
    ['block', 'position=16777216', { kind: 'reset', moment: 'after' }],
    ['block', 'position=0', { kind: 'cut' }],
    ['flush', 'action=flush&position=20000000&close=true', { kind: 'answer', status: 500 }],
    ['flush', 'action=flush&position=20000000&close=true', { kind: 'reset', moment: 'after' }],
  ])('a %s (%s) is sent again by itself after %j', async (_, part, fault) => {
    const on = await scene({ faults: [meets(part, fault)] });
    const bytes = randomBytes(20_000_000);
    await on.lake.write('Files/x.bin', on.local('x.bin', bytes));
    expect(hash(readFileSync(on.there('Files/x.bin')))).toBe(hash(bytes));
    const wanted = fault.kind === 'cut' ? 1 : 2;
    for (const step of [
      'resource=file',
      'position=0',
      'position=8388608',
      'position=16777216',
      'flush',
    ])
      expect([step, on.asked(step)]).toEqual([step, part.includes(step) ? wanted : 1]);
  });

  test('the memory of a block that was sent again is not filled with another one', async () => {
    const on = await scene({ faults: [meets('position=0', { kind: 'answer', status: 500 })] });
    const bytes = randomBytes(9 * blockSize);
    await on.lake.write('Files/x.bin', on.local('x.bin', bytes));
    expect(hash(readFileSync(on.there('Files/x.bin')))).toBe(hash(bytes));
    const first = on.sent.find(({ url }) => url.endsWith('position=0'));
    const body = first?.body instanceof Uint8Array ? first.body : Buffer.alloc(0);
    expect(hash(body)).toBe(hash(bytes.subarray(0, blockSize)));
    const blocks = on.sent.flatMap((request) =>
      request.body instanceof Uint8Array ? [request.body] : [],
    );
    expect(new Set(blocks.map((block) => block.buffer)).size).toBe(5);
  });

  test('a block that is refused ends the others with its own error, and nothing is flushed', async () => {
    const body = JSON.stringify({
      error: { code: 'AuthorizationPermissionMismatch', message: 'no' },
    });
    const on = await scene({
      faults: [
        meets('action=append&position=\\d+', { kind: 'hold', moment: 'before', until: never }, 99),
      ],
    });
    on.fabric.faults.add(meets('position=8388608', { kind: 'answer', status: 403, body }));
    const source = on.local('x.bin', Buffer.alloc(12 * blockSize));
    await expect(on.lake.write('Files/x.bin', source)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'Uploading Files/x.bin: 403 (AuthorizationPermissionMismatch): no',
      advice: expect.stringContaining('Contributor'),
    });
    expect(on.positions.length).toBeLessThanOrEqual(4);
    expect(on.asked('position=8388608')).toBe(1);
    expect(on.asked('action=flush')).toBe(0);
  });

  test('a signal ends it at once', async () => {
    const on = await scene({
      faults: [
        meets('action=append&position=\\d+', { kind: 'hold', moment: 'before', until: never }, 99),
      ],
    });
    const end = new AbortController();
    const source = on.local('x.bin', Buffer.alloc(6 * blockSize));
    const write = on.lake.write('Files/x.bin', source, { signal: end.signal });
    void until(() => on.positions.length >= 4).then(() => end.abort());
    await expect(write).rejects.toMatchObject({
      code: 'UPLOAD_FAILED',
      message: 'Uploading Files/x.bin: the step was cancelled.',
    });
    expect(on.positions).toHaveLength(4);
    expect(on.asked('action=flush')).toBe(0);
    const before = on.sent.length;
    await expect(
      on.lake.write('Files/x.bin', source, { signal: end.signal }),
    ).rejects.toMatchObject({
      code: 'UPLOAD_FAILED',
    });
    expect(on.asked('resource=file')).toBe(1);
    expect(on.sent.length).toBeLessThanOrEqual(before + 1);
  });

  test('may be empty, or end at a block’s end', async () => {
    const on = await scene();
    await on.lake.write('Files/a b/leer ü.txt', on.local('empty', ''));
    expect(readFileSync(on.there('Files/a b/leer ü.txt'), 'utf8')).toBe('');
    expect(on.positions).toEqual([]);
    await on.lake.write('Files/even', on.local('even', Buffer.alloc(blockSize, 'x')));
    expect(readFileSync(on.there('Files/even'))).toHaveLength(blockSize);
    expect(on.positions).toEqual([0]);
  });

  test.each<[string, (path: string) => void]>([
    ['longer', (path) => appendFileSync(path, 'more')],
    ['shorter', (path) => truncateSync(path, 40 * 1024 * 1024)],
  ])('that becomes %s while it is sent is an error', async (_, change) => {
    const on = await scene();
    const source = on.local('x.bin', Buffer.alloc(6 * blockSize));
    const once = { onProgress: () => change(source.realPath) };
    await expect(on.lake.write('Files/x.bin', source, once)).rejects.toMatchObject({
      code: 'UPLOAD_FAILED',
      message: 'Uploading Files/x.bin: the file changed its size while it was uploaded.',
    });
    expect(on.asked('action=flush')).toBe(0);
  });

  test('of another size than it had, or that is gone, is not sent', async () => {
    const on = await scene();
    const source = on.local('x.bin', 'abc');
    await expect(on.lake.write('Files/x', { ...source, size: 4 })).rejects.toMatchObject({
      code: 'UPLOAD_FAILED',
    });
    const gone = { realPath: join(on.folder, 'gone'), size: 1 };
    await expect(on.lake.write('Files/x', gone)).rejects.toMatchObject({
      code: 'UPLOAD_FAILED',
      message: expect.stringMatching(/could not be read \(.*ENOENT/),
    });
    expect(on.sent).toEqual([]);
  });
});

describe('small things', () => {
  test('bytes are written, found, deleted; deleting twice is as good', async () => {
    const on = await scene();
    await on.lake.writeBytes('Files/p/probe', Buffer.from('hello'));
    await on.lake.writeBytes('Files/p/empty', new Uint8Array());
    expect(readFileSync(on.there('Files/p/probe'), 'utf8')).toBe('hello');
    expect(await on.lake.exists('Files/p/probe')).toBe(true);
    expect(await on.lake.exists('Files/p')).toBe(true);
    for (let time = 0; time < 2; time += 1) await on.lake.removeFile('Files/p/probe');
    expect(await on.lake.exists('Files/p/probe')).toBe(false);
    expect(existsSync(on.there('Files/p/empty'))).toBe(true);
    for (let time = 0; time < 2; time += 1) await on.lake.removeFolder('Files/p');
    expect(await on.lake.exists('Files/p')).toBe(false);
  });

  test('a role that may only read is told which one writes', async () => {
    const on = await scene({ faults: [meets('', { kind: 'answer', status: 403 }, 9)] });
    for (const refusal of [
      on.lake.writeBytes('Files/x', Buffer.from('x')),
      on.lake.removeFile('Files/x'),
    ])
      await expect(refusal).rejects.toMatchObject({ advice: expect.stringContaining('writes') });
    for (const refusal of [
      on.lake.read('Files/x', 9),
      on.lake.exists('Files/x'),
      on.lake.folders('Files/x'),
    ])
      await expect(refusal).rejects.toMatchObject({
        code: 'FORBIDDEN',
        advice: expect.stringContaining('ReadAll'),
      });
  });
});

describe('reading a file', () => {
  test('gives its text and its age on OneLake’s clock', async () => {
    const hour = 3_600_000;
    const time = new VirtualTime();
    const on = await scene({ clock: { now: () => time.now() + hour } });
    await on.lake.writeBytes('Files/out.json', Buffer.from('{"ü": 1}'));
    expect(await on.lake.read('Files/out.json', 100)).toEqual({
      kind: 'found',
      text: '{"ü": 1}',
      written: { modifiedAt: expect.any(Number), ageMs: 0, heardAt: expect.any(Number) },
    });
    await time.sleep(90_000);
    expect(await on.lake.read('Files/out.json', 9)).toMatchObject({
      kind: 'found',
      written: { ageMs: 90_000 },
    });
    await on.lake.writeBytes('Files/empty', new Uint8Array());
    await time.sleep(5_000);
    expect(await on.lake.read('Files/empty', 9)).toEqual({
      kind: 'found',
      text: '',
      written: { modifiedAt: expect.any(Number), ageMs: 5_000, heardAt: expect.any(Number) },
    });
  });

  test('that is not there, or is a folder, finds nothing', async () => {
    const on = await scene();
    expect(await on.lake.read('Files/none', 9)).toEqual({ kind: 'missing' });
    const headers = { 'x-ms-resource-type': 'directory' };
    on.fabric.faults.add(meets('Files/f', { kind: 'answer', status: 200, headers }));
    expect(await on.lake.read('Files/f', 9)).toEqual({ kind: 'missing' });
  });

  test('that is too large is told after no more than a byte too many', async () => {
    const on = await scene();
    on.putThere('Files/out', randomBytes(100_000));
    await on.lake.exists('Files');
    on.received = 0;
    expect(await on.lake.read('Files/out', 1_000)).toEqual({ kind: 'too-large' });
    expect(on.received).toBe(1_001);
    expect(await on.lake.read('Files/out', 99_999)).toEqual({ kind: 'too-large' });
    // No UTF-8, and so longer as a text than its bytes are.
    expect(await on.lake.read('Files/out', 100_000)).toMatchObject({ kind: 'found' });
  });

  test('by a server that knows no ranges is bounded as well', async () => {
    const on = await scene();
    const whole = (body: string): FaultRule =>
      meets('Files/x', { kind: 'answer', status: 200, body });
    on.fabric.faults.add(whole('123456'));
    expect(await on.lake.read('Files/x', 5)).toEqual({ kind: 'too-large' });
    on.fabric.faults.add(whole('123456'));
    expect(await on.lake.read('Files/x', 6)).toEqual({
      kind: 'found',
      text: '123456',
      written: undefined,
    });
  });

  test.each<Fault>([
    { kind: 'answer', status: 503 },
    { kind: 'answer', status: 500 },
    { kind: 'reset', moment: 'before' },
    { kind: 'cut', bytes: 3 },
  ])('is tried again after %j', async (fault) => {
    const on = await scene({ faults: [meets('Files/x', fault, 2)] });
    on.putThere('Files/x', 'content');
    expect(await on.lake.read('Files/x', 100)).toMatchObject({ text: 'content' });
    expect(on.asked('Files/x')).toBe(3);
  });

  test('ends with the signal', async () => {
    const on = await scene({ faults: [meets('Files/x', { kind: 'answer', status: 500 }, 99)] });
    const end = new AbortController();
    on.time.after(20_000, () => end.abort());
    await expect(on.lake.read('Files/x', 9, end.signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await expect(on.lake.read('Files/x', 9)).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
  });
});

describe('the folders of a folder', () => {
  test('are given over all pages, without files and what lies deeper', async () => {
    const on = await scene({ pageSize: 2 });
    const modified = new Date('2026-01-02T03:04:05Z');
    const names = ['a', 'b & c', 'ü', 'd', 'e'];
    for (const name of names) {
      on.putThere(`Files/.git hub/${name}/deep/x`, 'x');
      utimesSync(on.there(`Files/.git hub/${name}`), modified, modified);
    }
    on.putThere('Files/.git hub/file', 'x');
    const found = await on.lake.folders('Files/.git hub');
    expect(found.map(({ name }) => name).sort()).toEqual([...names].sort());
    const second = Math.floor(on.time.now() / 1_000) * 1_000;
    for (const { modifiedAt, now } of found) {
      expect(modifiedAt).toBe(modified.getTime());
      expect(now).toBe(second);
    }
    expect(on.asked('resource=filesystem')).toBe(3);
  });

  test('are asked for with the mark of the last page as it was given', async () => {
    const on = await scene();
    on.putThere('Files/a/x', 'x');
    const headers = { 'x-ms-continuation': 'a+b/c&d=e %', 'content-type': 'application/json' };
    on.fabric.faults.add(
      meets('.*directory=.*', { kind: 'answer', status: 200, headers, body: '{"paths": []}' }),
    );
    await on.lake.folders('Files').catch(() => undefined);
    const url = new URL(on.sent.at(-1)?.url ?? '');
    expect(url.searchParams.get('continuation')).toBe('a+b/c&d=e %');
  });

  test('are none where there is no folder', async () => {
    expect(await (await scene()).lake.folders('Files/none')).toEqual([]);
  });

  test('whose age is not told are left out', async () => {
    const body = JSON.stringify({
      paths: [
        { name: 'l/Files/a', isDirectory: true, lastModified: 'Fri, 02 Jan 2026 03:04:05 GMT' },
        { name: 'l/Files/b', isDirectory: 'true', lastModified: 'some day' },
        { name: 'l/Files/c', isDirectory: 'true' },
        { isDirectory: 'true', lastModified: 'Fri, 02 Jan 2026 03:04:05 GMT' },
        'odd',
      ],
    });
    const on = await scene({
      faults: [
        meets('.*resource=filesystem.*', {
          kind: 'answer',
          status: 200,
          headers: { 'content-type': 'application/json' },
          body,
        }),
      ],
    });
    expect(await on.lake.folders('Files')).toMatchObject([{ name: 'a' }]);
  });
});
