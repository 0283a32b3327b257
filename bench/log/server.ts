import { Agent, request as ask } from 'undici';
import type { Engine, EngineRun } from '../../local/engine/engine.ts';
import { scriptedEngine, type ScriptStep } from '../../local/engine/scripted.ts';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { defaultIds } from '../../local/settings.ts';
import { systemClock } from '../../src/clock.ts';
import { numberAt, objectAt, parseJson, textAt } from '../../src/http/json.ts';
import { plays, sparkPlays, type Play } from './plays.ts';
import { logText, secret } from './text.ts';

/** What a client is told. */
export interface Told {
  inputs: Readonly<Record<string, string>>;
  certificatePath: string;
  /** Bytes of the driver's log that were read to be sent since the play was set. */
  served: number;
  /** Requests since then. */
  requests: number;
  /** The whole stdout of the last batch, and a token for it. */
  url: string;
  token: string;
}

/**
 * A local Fabric in a process of its own. It is sent the name of the play that its next batch follows, or
 * an empty text, and answers with `Told`.
 */
export async function serve(stateFolder: string, real: boolean): Promise<void> {
  let play: Play | undefined;
  const since = { served: 0, requests: 0 };
  const scripted = scriptedEngine(() => ({ steps: stepsOf(play) }), systemClock);
  const spark = real ? await sparkEngine({ stateFolder, log: () => undefined }) : undefined;
  const engine: Engine = {
    kind: 'script',
    run: (job) =>
      counted((play?.spark === true && spark ? spark : scripted).run(job), (bytes) => {
        since.served += bytes;
      }),
    close: async () => {
      await spark?.close();
    },
  };
  const ids = { clientId: defaultIds.client, objectId: defaultIds.principal };
  const application = { ...ids, name: 'bench', secret, federatedCredentials: [] };
  const fabric = await startLocalFabric({ engine, stateFolder, applications: [application] });
  const tell = async (): Promise<void> => {
    const { fabric: origin } = fabric.hosts;
    const [batch] = fabric.batches;
    const session = `${defaultIds.workspace}/lakehouses/${defaultIds.lakehouse}/livySessions/${batch?.id ?? ''}`;
    const id = batch?.snapshot().applicationId ?? '';
    process.send?.({
      inputs: { ...fabric.inputs, 'client-secret': secret },
      certificatePath: fabric.certificatePath,
      served: since.served,
      requests: fabric.requests.length - since.requests,
      url: `${origin}/v1/workspaces/${session}/applications/${id}/logs?type=driver&fileName=stdout&isDownload=true`,
      token: await tokenFor(fabric),
    });
  };
  process.on('message', (message) => {
    const next = { ...plays, ...sparkPlays }[String(message)];
    if (next) {
      play = next;
      Object.assign(since, { served: 0, requests: fabric.requests.length });
      fabric.settings.driverLog = { ...fabric.settings.driverLog, offsetsServed: next.offsets };
      stepsOf(next);
    }
    void tell();
  });
  await tell();
}

export function toldBy(message: unknown): Told {
  const given = objectAt(message, 'inputs') ?? {};
  return {
    inputs: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])),
    certificatePath: textAt(message, 'certificatePath') ?? '',
    served: numberAt(message, 'served') ?? NaN,
    requests: numberAt(message, 'requests') ?? NaN,
    url: textAt(message, 'url') ?? '',
    token: textAt(message, 'token') ?? '',
  };
}

async function tokenFor(fabric: LocalFabric): Promise<string> {
  const dispatcher = new Agent({ connect: { ca: fabric.certificate } });
  const { body } = await ask(`${fabric.hosts.authority}/${defaultIds.tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: fabric.clientId,
      client_secret: secret,
      scope: 'https://api.fabric.microsoft.com/.default',
    }).toString(),
    dispatcher,
  });
  const token = textAt(parseJson(await body.text()), 'access_token');
  await dispatcher.close();
  return token ?? '';
}

/** The steps of each play, made once: what they print is large. */
const made = new Map<Play, ScriptStep[]>();

function stepsOf(play: Play | undefined): ScriptStep[] {
  if (!play) return [];
  const known = made.get(play);
  if (known) return known;
  const printed = play.streams.flatMap((stream) => stepsOfStream(play, stream));
  const steps: ScriptStep[] = [
    { at: 0, phase: 'running' },
    ...printed.sort((one, other) => one.at - other.at),
    { at: play.seconds, phase: 'success' },
  ];
  made.set(play, steps);
  return steps;
}

/** Ten pieces a second, of the same size. */
function stepsOfStream(
  { kind, megabytes, blocks, seconds, spark }: Play,
  stream: 'stdout' | 'stderr',
): ScriptStep[] {
  if (spark) return [];
  if (blocks === 0) return [{ at: 0, [stream]: 'one line\n' }];
  const block = logText(kind, megabytes * 1e6, stream);
  const count = Math.max(1, Math.round((seconds * 10) / blocks));
  const size = Math.ceil(block.length / count);
  return Array.from({ length: blocks * count }, (_, index) => ({
    at: (seconds * index) / (blocks * count),
    [stream]: block.subarray((index % count) * size, ((index % count) + 1) * size),
  }));
}

/** The same run, with the bytes counted that are read of the driver's log. */
function counted(run: EngineRun, count: (bytes: number) => void): EngineRun {
  return {
    snapshot: () => run.snapshot(),
    read: (log, from, to) => {
      const bytes = run.read(log, from, to);
      if (log !== 'livy') count(bytes.length);
      return bytes;
    },
    length: (log) => run.length(log),
    cuts: () => run.cuts?.() ?? [],
    monitoring: (resource) => run.monitoring?.(resource) ?? Promise.resolve(undefined),
    cancel: () => run.cancel(),
  };
}
