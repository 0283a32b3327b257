/** `npm run livy`: an Apache Livy on loopback that stays until Ctrl-C. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findSpark } from '../spark/installation.ts';
import { thisMachine } from '../spark/machine.ts';
import { fetchLivy } from './class-path.ts';
import { startLivy } from './server.ts';

const help = `Usage: npm run livy -- [options]

  --jobs DIR       folder whose files may be named as jobs by their path; may be given again
                   (default: examples/jobs of this checkout, and Spark's own examples)
  --state DIR      configuration and logs of the server (default: .local-fabric/livy)
  --port N         (default: 8998; 0: any free one)
  --conf KEY=VALUE a further line of livy.conf, such as livy.cache-log.size=100000; may be given again
  --help           this text`;

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', multiple: true, default: [] },
    state: { type: 'string', default: '.local-fabric/livy' },
    port: { type: 'string', default: '8998' },
    conf: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
});

function confOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(help);
    return;
  }
  const unfit = values.conf.find((line) => line.indexOf('=') < 1);
  if (!/^\d{1,5}$/.test(values.port) || unfit !== undefined) {
    console.error(
      unfit === undefined
        ? `--port must be a number, not ${values.port}.`
        : `--conf must be KEY=VALUE, not ${unfit}.`,
    );
    process.exit(2);
  }
  const log = (line: string): void => console.log(line);
  const machine = thisMachine();
  const installation = await findSpark({ log, machine });
  const jars = await fetchLivy({ machine, java: installation.java, log });
  const examples = resolve(installation.pyspark.sparkHome, 'examples', 'src', 'main', 'python');
  const jobFolders =
    values.jobs.length > 0
      ? values.jobs.map((folder) => resolve(folder))
      : [resolve('examples/jobs'), examples];
  const server = await startLivy({
    installation,
    jars,
    stateFolder: resolve(values.state),
    jobFolders,
    port: Number(values.port),
    conf: confOf(values.conf),
  });
  console.log(`\nApache Livy is listening on ${server.url} (its pages: ${server.url}/ui)`);
  console.log(`Jobs may be named by their path below: ${jobFolders.join(', ')}`);
  console.log('\nInputs of the action:');
  console.log(`  livy-url: ${server.url}`);
  console.log(`  file: ${jobFolders[0] ?? ''}/…`);
  console.log('\nCtrl-C ends it, and every batch with it.');
  await new Promise<void>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end());
  });
  console.log('\nEnding …');
  await server.close();
}

await main();
