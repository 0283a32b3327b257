import type { Inputs } from '../inputs.ts';
import { duration } from '../report/duration.ts';

function fileLine(inputs: Inputs): string {
  const { file } = inputs;
  if (file.kind === 'local')
    return `${file.shown} (${file.size.toLocaleString('en')} bytes, to be uploaded under ${inputs.uploadPath})`;
  return file.kind === 'lakehouse' ? `${file.path} (in the lakehouse)` : file.uri;
}

/** The first lines of the log: what will be done where, as whom, and for how long at most. */
export function announcement(inputs: Inputs): string[] {
  const { endpoints } = inputs;
  const limit = (milliseconds: number): string =>
    milliseconds === 0 ? 'none' : duration(milliseconds);
  const identity = inputs.clientSecret === undefined ? 'GitHub OIDC' : 'client secret';
  const cancels = [...inputs.cancelOn].join(', ') || 'never';
  return [
    `Workspace:   ${inputs.workspace}`,
    `Lakehouse:   ${inputs.lakehouse}`,
    `File:        ${fileLine(inputs)}`,
    `Fabric:      ${endpoints.fabric}`,
    `OneLake:     ${endpoints.onelake}`,
    `Identity:    ${identity}, application ${inputs.clientId} in tenant ${inputs.tenantId} at ${endpoints.authority}`,
    `Time limits: run ${limit(inputs.timeoutMs)}, queue ${limit(inputs.queueTimeoutMs)}, full capacity ${limit(inputs.capacityWaitMs)}, outage ${limit(inputs.outageMs)}; cancelled on: ${cancels}`,
  ];
}
