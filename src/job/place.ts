import { findEnvironment, findLakehouse, findWorkspace } from '../fabric/names.ts';
import { OneLake } from '../fabric/onelake.ts';
import type { Inputs } from '../inputs.ts';
import { needsUpload } from '../inputs/job-inputs.ts';
import { fabricLivy, type Livy } from '../livy/livy.ts';
import { save } from './saved-state.ts';
import { unlessInterrupted, type Step } from './step.ts';

/** Where the batch runs. */
export interface Place {
  workspaceId: string;
  lakehouseId: string;
  livy: Livy;
  lake: OneLake;
  /** Of the Fabric environment, when one was asked for. */
  environmentId?: string;
}

/** Signs in to both services side by side and turns names into ids. Throws `StepError`, `Interrupted`. */
export async function findPlace(step: Step): Promise<Place> {
  const { facts, inputs, world, services, interrupt } = step;
  const { fabric, onelake } = services;
  await unlessInterrupted(
    step,
    Promise.all([fabric.signIn(), ...(needsOneLake(inputs) ? [onelake.signIn()] : [])]),
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
  const place = placeOf(step.services, workspace.id, lakehouse.id);
  return environment ? { ...place, environmentId: environment.id } : place;
}

/** Is anything read or written in the lakehouse? A right that is missing there shows before the submit. */
function needsOneLake({ job, outputFile, operation, dryRun }: Inputs): boolean {
  if (operation === 'sweep' || outputFile !== undefined) return true;
  return job !== undefined && (dryRun || needsUpload(job));
}

/** The clients of a place whose ids are known. */
export function placeOf(
  services: Step['services'],
  workspaceId: string,
  lakehouseId: string,
): Place {
  return {
    workspaceId,
    lakehouseId,
    livy: fabricLivy(services.fabric, workspaceId, lakehouseId),
    lake: new OneLake(services.onelake, workspaceId, lakehouseId),
  };
}

/** The page of the run in the monitoring hub (as Microsoft's own tools build it; not documented). */
export function runUrl(inputs: Inputs, lakehouseId: string, batchId: string): string {
  const tenant = inputs.tenantId.includes('.') ? '' : `ctid=${inputs.tenantId}&`;
  return `${inputs.endpoints.portal}/workloads/de-ds/sparkmonitor/${lakehouseId}/${encodeURIComponent(batchId)}?${tenant}experience=fabric-developer`;
}
