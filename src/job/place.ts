import { fabricMonitoring, type Monitoring } from '../fabric/monitoring.ts';
import { findEnvironment, findLakehouse, findWorkspace, isId } from '../fabric/names.ts';
import { OneLake } from '../fabric/onelake.ts';
import type { Inputs } from '../inputs.ts';
import { needsUpload } from '../inputs/job-inputs.ts';
import { apacheLivy } from '../livy/apache.ts';
import { fabricLivy, type Livy } from '../livy/livy.ts';
import { apacheLogs } from '../log/apache-log.ts';
import { fabricLogs, type BatchLogs } from '../log/batch-logs.ts';
import { save } from './saved-state.ts';
import { unlessInterrupted, type Step } from './step.ts';

/**
 * Where the batch runs: a lakehouse of Fabric, or an Apache Livy. The latter has no lakehouse: its ids
 * are empty, and the inputs leave nothing to do for which `lake` would be asked.
 */
export interface Place {
  workspaceId: string;
  lakehouseId: string;
  livy: Livy;
  /** The log of a batch. */
  logs: (batchId: string) => BatchLogs;
  /** What is told of a batch beside; absent for an Apache Livy, which tells nothing of stages. */
  monitoring?: (batchId: string) => Monitoring;
  lake: OneLake;
  /** Of the Fabric environment, when one was asked for. */
  environmentId?: string;
}

/** Signs in to both services side by side and turns names into ids. Throws `StepError`, `Interrupted`. */
export async function findPlace(step: Step): Promise<Place> {
  const { facts, inputs, world, services, interrupt } = step;
  if (inputs.livyUrl !== undefined) {
    save(world.runner, 'livyUrl', inputs.livyUrl);
    return placeOf(step, '', '');
  }
  const { fabric, onelake } = services;
  const lake = needsOneLake(inputs);
  // Each is opened once a request is sure to follow: while GitHub's and Entra's answers are awaited.
  world.warm?.([
    inputs.endpoints.authority,
    inputs.endpoints.fabric,
    ...(lake ? [inputs.endpoints.authority, inputs.endpoints.onelake] : []),
  ]);
  await unlessInterrupted(
    step,
    Promise.all([fabric.signIn(), ...(lake ? [onelake.signIn()] : [])]),
  );
  const workspace = await unlessInterrupted(
    step,
    findWorkspace(fabric, inputs.workspace, interrupt.signal),
  );
  if (workspace.hasNoCapacity) {
    world.runner.warning(
      `The workspace ${workspace.name ?? workspace.id} shows no capacity, and Spark needs one.`,
    );
  }
  // The submit has a connection of its own, beside the one that the names were read by.
  if (inputs.job && !inputs.dryRun && !isId(inputs.lakehouse))
    world.warm?.([inputs.endpoints.fabric]);
  const [lakehouse, environment] = await unlessInterrupted(
    step,
    Promise.all([
      findLakehouse(fabric, workspace.id, inputs.lakehouse, interrupt.signal),
      inputs.environment === undefined
        ? undefined
        : findEnvironment(fabric, workspace.id, inputs.environment, interrupt.signal),
    ]),
  );
  facts.workspace = { name: workspace.name ?? workspace.id, id: workspace.id };
  facts.lakehouse = { name: lakehouse.name ?? lakehouse.id, id: lakehouse.id };
  save(world.runner, 'workspaceId', workspace.id);
  save(world.runner, 'lakehouseId', lakehouse.id);
  step.outputs.publish(facts);
  const place = placeOf(step, workspace.id, lakehouse.id);
  return environment ? { ...place, environmentId: environment.id } : place;
}

/** Is anything read or written in the lakehouse? A right that is missing there shows before the submit. */
function needsOneLake({ job, outputFile, results, operation, dryRun }: Inputs): boolean {
  if (operation === 'sweep' || outputFile !== undefined || results.length > 0) return true;
  return job !== undefined && (dryRun || needsUpload(job));
}

/** The clients of a place whose ids are known. */
export function placeOf(
  { inputs, services }: Pick<Step, 'inputs' | 'services'>,
  workspaceId: string,
  lakehouseId: string,
): Place {
  const { fabric, onelake, http } = services;
  const lake = new OneLake(onelake, workspaceId, lakehouseId);
  const url = inputs.livyUrl;
  if (url !== undefined) {
    const livy = apacheLivy(http, url);
    const logs = (batchId: string): BatchLogs =>
      apacheLogs({ http, url, batchId, lost: () => livy.lost(batchId) });
    return { workspaceId, lakehouseId, livy, logs, lake };
  }
  const livy = fabricLivy(fabric, workspaceId, lakehouseId);
  const logs = (batchId: string): BatchLogs =>
    fabricLogs(fabric, { workspaceId, lakehouseId, batchId });
  const monitoring = (batchId: string): Monitoring =>
    fabricMonitoring(fabric, { workspaceId, lakehouseId, batchId });
  return { workspaceId, lakehouseId, livy, logs, monitoring, lake };
}

/**
 * The page of the run: in the monitoring hub (as Microsoft's own tools build it; not documented), or of
 * its log in Apache Livy's own pages.
 */
export function runUrl(inputs: Inputs, lakehouseId: string, batchId: string): string {
  if (inputs.livyUrl !== undefined)
    return `${inputs.livyUrl}/ui/batch/${encodeURIComponent(batchId)}/log`;
  const tenant = inputs.tenantId.includes('.') ? '' : `ctid=${inputs.tenantId}&`;
  return `${inputs.endpoints.portal}/workloads/de-ds/sparkmonitor/${lakehouseId}/${encodeURIComponent(batchId)}?${tenant}experience=fabric-developer`;
}
