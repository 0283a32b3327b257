/**
 * How an upload compares with a plain copy of the same bytes through the same server, and what it holds in
 * memory. `node bench/upload.ts`: 300 MB, three runs of each, in turn. Server and each client are processes of
 * their own. Prints one line a run, then the ratio of the medians and the memory.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { scriptedEngine } from '../local/engine/scripted.ts';
import { startLocalFabric } from '../local/fabric.ts';
import { defaultIds } from '../local/settings.ts';
import { BearerClient } from '../src/auth/bearer.ts';
import { Tokens } from '../src/auth/tokens.ts';
import { systemClock } from '../src/clock.ts';
import { OneLake } from '../src/fabric/onelake.ts';
import { HttpClient } from '../src/http/client.ts';
import { isObject, numberAt, parseJson, textAt } from '../src/http/json.ts';
import { undiciTransport } from '../src/http/transport.ts';
import { report } from './measure/claims.ts';
import { median } from './measure/statistics.ts';

const size = 300_000_000;
const runs = 3;
const target = 'Files/bench/big.bin';

/** What a client is told. */
interface Place {
  origin: string;
  certificate: string;
  token: string;
  file: string;
}

type Way = 'ours' | 'plain';

/** What a client tells: milliseconds of the upload, and the megabytes that its peak lies above its start. */
interface Measured {
  ms: number;
  grownMb: number;
}

const [role = 'all'] = process.argv.slice(2);
if (role === 'server') await serve();
else if (role === 'ours' || role === 'plain') await beClient(role);
else await compare();

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-upload-'));
  const file = join(folder, 'big.bin');
  const wanted = fill(file);
  const server = fork(import.meta.filename, ['server', join(folder, 'state')]);
  try {
    const place = { ...placeOf(await messageFrom(server)), file };
    const found: Record<Way, Measured[]> = { ours: [], plain: [] };
    for (let run = 1; run <= runs; run += 1) {
      for (const way of ['plain', 'ours'] as const) {
        const client = fork(import.meta.filename, [way]);
        client.send(place);
        const measured = measuredOf(await messageFrom(client));
        found[way].push(measured);
        const arrived = await hashOf(
          join(folder, 'state/lakehouses', defaultIds.lakehouse, target),
        );
        if (arrived !== wanted) throw new Error(`${way}: the bytes that arrived are others.`);
        console.log(
          `run ${run}, ${way}: ${(measured.ms / 1_000).toFixed(2)} s, peak ${measured.grownMb.toFixed(0)} MB above the start`,
        );
      }
    }
    const passed = (way: Way): number => median(found[way].map(({ ms }) => ms));
    const [ours, plain] = [passed('ours'), passed('plain')];
    const grown = Math.max(...found.ours.map(({ grownMb }) => grownMb));
    report({
      claims: [
        {
          claim: `Upload of ${size / 1_000_000} MB beside a plain copy of the same bytes, as a ratio of the medians of ${runs}`,
          measured: `${(ours / plain).toFixed(2)} (${(ours / 1_000).toFixed(1)} s)`,
        },
        {
          claim: 'Most memory of that upload above the start of its process',
          measured: `${grown.toFixed(0)} MB`,
        },
      ],
    });
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Random bytes, so that nothing on the way can make them fewer; gives their hash. */
function fill(path: string): string {
  const [hash, file] = [createHash('sha256'), openSync(path, 'w')];
  const piece = Buffer.alloc(10_000_000);
  for (let written = 0; written < size; written += piece.length) {
    hash.update(randomFillSync(piece));
    writeSync(file, piece);
  }
  closeSync(file);
  return hash.digest('hex');
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  const stream: AsyncIterable<Buffer> = createReadStream(path);
  for await (const piece of stream) hash.update(piece);
  return hash.digest('hex');
}

async function serve(): Promise<void> {
  const engine = scriptedEngine({ steps: [] }, systemClock);
  const stateFolder = process.argv[3] ?? '';
  const fabric = await startLocalFabric({ engine, stateFolder, tokenSeconds: 36_000 });
  const agent = new Agent({ connect: { ca: fabric.certificate } });
  const answer = await request(`${fabric.hosts.authority}/${defaultIds.tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: fabric.clientId,
      client_secret: fabric.clientSecret,
      scope: 'https://storage.azure.com/.default',
    }).toString(),
    dispatcher: agent,
  });
  const token = textAt(parseJson(await answer.body.text()), 'access_token');
  await agent.close();
  process.send?.({
    origin: fabric.hosts.onelake,
    certificate: fabric.certificate,
    token,
    file: '-',
  });
}

async function beClient(way: Way): Promise<void> {
  const place = placeOf(
    await new Promise<unknown>((resolve) => process.once('message', (message) => resolve(message))),
  );
  const before = process.memoryUsage.rss();
  const begin = performance.now();
  await (way === 'ours' ? ours(place) : plain(place));
  const ms = performance.now() - begin;
  // maxRSS is in kilobytes.
  const grownMb = (process.resourceUsage().maxRSS * 1_024 - before) / 1_000_000;
  process.send?.({ ms, grownMb });
  process.disconnect();
}

async function ours({ origin, certificate, token, file }: Place): Promise<void> {
  const { transport, close } = undiciTransport({ ca: certificate });
  const http = new HttpClient({ transport, clock: systemClock, random: Math.random });
  const tokens = new Tokens({
    clock: systemClock,
    onNew: () => undefined,
    exchange: () => Promise.resolve({ value: token, expiresAt: systemClock.now() + 3_600_000 }),
  });
  const client = new BearerClient({ http, tokens, scope: 'onelake', origin });
  const lake = new OneLake(client, defaultIds.workspace, defaultIds.lakehouse);
  await lake.write(target, { realPath: file, size });
  await close();
}

/** Create, all bytes in one request, flush. */
async function plain({ origin, certificate, token, file }: Place): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: certificate } });
  const url = `${origin}/${defaultIds.workspace}/${defaultIds.lakehouse}/${target}`;
  const headers = { authorization: `Bearer ${token}`, 'x-ms-version': '2023-11-03' };
  const send = async (method: 'PUT' | 'PATCH', query: string, whole = false): Promise<void> => {
    const { statusCode, body } = await request(`${url}?${query}`, {
      method,
      headers: whole ? { ...headers, 'content-length': String(size) } : headers,
      body: whole ? createReadStream(file) : null,
      dispatcher,
    });
    await body.dump();
    if (statusCode >= 300) throw new Error(`${method} ${query}: ${statusCode}`);
  };
  await send('PUT', 'resource=file');
  await send('PATCH', 'action=append&position=0', true);
  await send('PATCH', `action=flush&position=${size}&close=true`);
  await dispatcher.close();
}

async function messageFrom(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: unknown) => resolve(message));
    child.once('exit', (code) => reject(new Error(`A process ended with ${code ?? 'a signal'}.`)));
  });
}

function placeOf(message: unknown): Place {
  const field = (name: string): string => {
    const text = textAt(message, name);
    if (text === undefined) throw new Error(`There is no ${name}.`);
    return text;
  };
  const [origin, certificate] = [field('origin'), field('certificate')];
  return { origin, certificate, token: field('token'), file: field('file') };
}

function measuredOf(message: unknown): Measured {
  const [ms, grownMb] = [numberAt(message, 'ms'), numberAt(message, 'grownMb')];
  if (!isObject(message) || ms === undefined || grownMb === undefined)
    throw new Error('A client told nothing.');
  return { ms, grownMb };
}
