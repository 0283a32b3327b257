import { pipeline } from 'node:stream/promises';
import { request } from 'undici';

/** A client that does nothing but copy a reply to its output: what connection, server and pipe take by themselves. */
export async function copy(url: string, token: string): Promise<void> {
  const { body } = await request(url, { headers: { authorization: `Bearer ${token}` } });
  await pipeline(body, process.stdout);
}
