import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isObject, parseJson, textAt } from '../../src/http/json.ts';
import type { Checks } from './checks.ts';
import { logOf } from './orders.ts';
import type { Stage } from './stage.ts';

/** The example as it stands: a lakehouse without its file fails, and only that one alerts. */
export async function nightly(stage: Stage, checks: Checks): Promise<void> {
  const told: string[] = [];
  const webhook = await listen(told);
  try {
    const { port } = addressOf(webhook);
    const run = stage.onFabric({
      event: 'schedule',
      workflow: 'nightly.yml',
      secrets: { ALERT_WEBHOOK: `http://127.0.0.1:${port}/alert` },
    });
    checks.equal('the workflow is red, since one lakehouse is', await run.ended, 1);
    const text = run.textOf('clean');
    checks.contains('the other one is cleaned', text, 'rows to the table orders (seed 1)');
    if (!text.includes('rows to the table')) console.log(logOf(run));
    checks.contains('the log says why', run.errorsOf('clean').join('\n'), 'PATH_NOT_FOUND');
    checks.equal('one alert was sent', told.length, 1);
    checks.contains('it names lakehouse and cause', told[0] ?? '', 'returns: Failed BATCH_FAILED');
    checks.contains('and links to the run', told[0] ?? '', 'https://app.fabric.microsoft.com/');
    checks.equal('nothing runs on local Fabric any more', stage.active, 0);
  } finally {
    webhook.close();
  }
}

/** A chat's webhook: keeps the texts that it was sent. */
async function listen(told: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (piece: string) => (body += piece));
    request.on('end', () => {
      const value = parseJson(body);
      told.push((isObject(value) && textAt(value, 'text')) || body);
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address;
}
