/**
 * A client that does nothing but copy a reply to its output, as Node does it by itself: what connection, server
 * and pipe take. `node bench/log/copy.js URL TOKEN`. (No TypeScript: what strips its types would be measured as well.)
 */
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';

const [url, token] = process.argv.slice(2);
const { body } = await request(url, { headers: { authorization: `Bearer ${token}` } });
await pipeline(body, process.stdout);
