import type { Stage } from '../../__tests__/simulation/stage.ts';
import { hosts } from '../../__tests__/simulation/requests.ts';
import { defaultIds } from '../../local/settings.ts';
import { parseJson, textAt } from '../../src/http/json.ts';

const pause = 5_000;
const place = `${hosts.fabric}/v1/workspaces/${defaultIds.workspace}/lakehouses/${defaultIds.lakehouse}`;
const batches = `${place}/livyapi/versions/2023-12-01/batches`;

/**
 * A plain client: submits, then reads status, and both logs once there is an application, every 5 s.
 * It waits as a 429 tells it. Gives Livy's word for the end.
 */
export async function flatPoll(stage: Stage, leg: number, startAt: number): Promise<string> {
  const { clock, network, authority } = stage;
  await clock.sleep(startAt);
  const send = network.transport(leg, 'main', clock.now());
  let authorization = '';
  let goodUntil = 0;
  const bearer = (): string => {
    if (clock.now() < goodUntil) return authorization;
    const scope = 'https://api.fabric.microsoft.com/.default';
    const form = new URLSearchParams({ client_secret: stage.secret, scope });
    authorization = `Bearer ${textAt(authority.token(form, clock.now()).body, 'access_token') ?? ''}`;
    goodUntil = clock.now() + 3_000_000;
    return authorization;
  };
  const request = async (method: 'GET' | 'POST', url: string, body = ''): Promise<unknown> => {
    for (;;) {
      const reply = await send({ method, url, body, headers: { authorization: bearer() } });
      const pieces: Uint8Array[] = [];
      for await (const piece of reply.body) pieces.push(piece);
      if (reply.status !== 429) return parseJson(Buffer.concat(pieces).toString('utf8'));
      await clock.sleep(Number(reply.headers['retry-after'] ?? 5) * 1_000);
    }
  };
  const tags = { submission: stage.newNonce(leg) };
  const submitted = await request('POST', batches, JSON.stringify({ file: 'abfss://x', tags }));
  const id = textAt(submitted, 'id') ?? '';
  for (;;) {
    const status = await request('GET', `${batches}/${id}`);
    const state = textAt(status, 'state') ?? '';
    if (state === 'success' || state === 'dead') return state;
    const application = textAt(status, 'appId');
    if (application !== undefined)
      for (const stream of ['stdout', 'stderr'])
        await request(
          'GET',
          `${place}/livySessions/${id}/applications/${application}/logs?type=driver&fileName=${stream}&isDownload=true&isPartial=true&offset=0&size=1048576`,
        );
    await clock.sleep(pause);
  }
}
