/** `npm run fabric`: a local Fabric that stays until Ctrl-C. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeConnection } from './connection.ts';
import { sparkEngine } from './engine/spark.ts';
import { startLocalFabric } from './fabric.ts';

const help = `Usage: npm run fabric -- [options]

  --state DIR      where lakehouses, logs and the certificate are kept (default: .local-fabric)
  --port-base N    four ports from N on: authority, issuer, Fabric, OneLake (default: any free ones)
  --capacity N     batches that may be active at a time; a further one gets HTTP 430 (default: no limit)
  --help           this text`;

const { values } = parseArgs({
  options: {
    state: { type: 'string', default: '.local-fabric' },
    'port-base': { type: 'string', default: '0' },
    capacity: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function number(text: string, name: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  console.error(`--${name} must be a number, not ${text}.`);
  process.exit(2);
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(help);
    return;
  }
  const stateFolder = resolve(values.state);
  const base = number(values['port-base'], 'port-base');
  const port = (offset: number): number => (base === 0 ? 0 : base + offset);
  const engine = await sparkEngine({ stateFolder, log: (line) => console.log(line) });
  const fabric = await startLocalFabric({
    engine,
    stateFolder,
    ports: { authority: port(0), issuer: port(1), fabric: port(2), onelake: port(3) },
    ...(values.capacity === undefined
      ? {}
      : { capacity: { maxConcurrent: number(values.capacity, 'capacity') } }),
  });
  console.log(`\nLocal Fabric is listening:`);
  for (const [kind, host] of Object.entries(fabric.hosts))
    console.log(`  ${kind.padEnd(10)} ${host}`);
  for (const workspace of fabric.settings.workspaces) {
    console.log(`\nWorkspace ${workspace.name} (${workspace.id})`);
    for (const lakehouse of workspace.lakehouses) {
      console.log(
        `  lakehouse ${lakehouse.name} (${lakehouse.id}): ${fabric.folderOf(lakehouse.id)}`,
      );
    }
    for (const environment of workspace.environments ?? [])
      console.log(`  environment ${environment.name} (${environment.id})`);
  }
  console.log('\nEnvironment of a job:');
  for (const [name, value] of Object.entries(fabric.env))
    console.log(`  export ${name}='${value}'`);
  console.log('\nInputs of the action:');
  for (const [name, value] of Object.entries(fabric.inputs)) console.log(`  ${name}: ${value}`);
  console.log(`  client-secret: ${fabric.clientSecret}   # or none, for GitHub OIDC`);
  const disconnect = writeConnection(fabric);
  console.log('\nTo run a job with the action here, in another terminal:');
  console.log(`  npm run demo -- --on '${stateFolder}' examples/jobs/clean_orders.py --seed 7`);
  console.log(
    "Other clients, such as Microsoft's SDKs, take hosts, certificate and secret from above.",
  );
  console.log(`\nLakehouses and logs stay in ${stateFolder}; --state DIR names another folder.`);
  console.log('Ctrl-C ends it, and every batch with it.');
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  console.log('\nEnding …');
  disconnect();
  await fabric.close();
}

await main();
