import type { Inputs } from '../inputs.ts';
import type { ListedFile } from '../inputs/job-files.ts';
import type { MainFile } from '../inputs/main-file.ts';
import { duration } from '../report/duration.ts';
import { settingNames } from './setting-names.ts';

/** The files of the job, one line each. */
function fileLines({ job, uploadPath }: Inputs): string[] {
  if (!job) return [];
  const lines = [`File:        ${shown(job.main, uploadPath)}`];
  for (const [list, files] of Object.entries(job.libraries))
    for (const file of files) lines.push(`${`${list}:`.padEnd(12)} ${shown(file, uploadPath)}`);
  return lines;
}

function shown(file: MainFile | ListedFile, uploadPath: string): string {
  const alias = 'alias' in file ? `, as ${file.alias}` : '';
  if (file.kind === 'uri') return `${file.uri}${alias}`;
  if (file.kind === 'lakehouse') return `${file.path} (in the lakehouse${alias})`;
  const what = `${file.size.toLocaleString('en')} bytes`;
  const how = file.kind === 'directory' ? 'zipped, uploaded' : 'uploaded';
  return `${file.shown} (${what}, to be ${how} under ${uploadPath}${alias})`;
}

/** Which settings are sent, without their values; each can cost the warm starter pool (design, section 2). */
function settings({ conf, sizing, environment }: Inputs): string[] {
  const names = settingNames({ conf, sizing, environment: undefined });
  const lines = environment === undefined ? [] : [`Environment: ${environment}`];
  if (names.length > 0)
    lines.push(
      `Settings:    ${names.join(', ')} (with settings of its own a batch may start without the warm starter pool)`,
    );
  return lines;
}

/** What this step is to do, where that is not to run a batch. */
function task({ operation, batchId, dryRun }: Inputs): string[] {
  const dry = dryRun ? ' (dry-run: nothing is submitted or cancelled)' : '';
  if (operation === 'sweep') return [`Operation:   sweep${dry}`];
  if (operation === 'cancel') return [`Operation:   cancel the batch ${batchId ?? ''}${dry}`];
  if (batchId !== undefined) return [`Operation:   follow the batch ${batchId}${dry}`];
  return dryRun ? [`Operation:   run${dry}`] : [];
}

function services({ endpoints, clientId, clientSecret, tenantId }: Inputs): string[] {
  const identity = clientSecret === undefined ? 'GitHub OIDC' : 'client secret';
  return [
    `Fabric:      ${endpoints.fabric}`,
    `OneLake:     ${endpoints.onelake}`,
    `Identity:    ${identity}, application ${clientId} in tenant ${tenantId} at ${endpoints.authority}`,
  ];
}

/** The first lines of the log: what will be done where, as whom, and for how long at most. */
export function announcement(inputs: Inputs): string[] {
  const { livyUrl } = inputs;
  const limit = (milliseconds: number): string =>
    milliseconds === 0 ? 'none' : duration(milliseconds);
  const cancels = [...inputs.cancelOn].join(', ') || 'never';
  return [
    ...task(inputs),
    ...(livyUrl === undefined
      ? [`Workspace:   ${inputs.workspace}`, `Lakehouse:   ${inputs.lakehouse}`]
      : [`Livy:        ${livyUrl} (Apache Livy, without a sign-in)`]),
    ...fileLines(inputs),
    ...settings(inputs),
    ...(livyUrl === undefined ? services(inputs) : []),
    ...(inputs.operation === 'run' && inputs.wait
      ? [
          `Time limits: run ${limit(inputs.timeoutMs)}, queue ${limit(inputs.queueTimeoutMs)}, full capacity ${limit(inputs.capacityWaitMs)}, outage ${limit(inputs.outageMs)}; cancelled on: ${cancels}`,
        ]
      : []),
  ];
}
