import { isObject, numberAt, objectAt, textAt } from '../http/json.ts';
import { duration } from './duration.ts';
import type { SessionRecord } from './facts.ts';

const inHours: ReadonlyMap<string, number> = new Map([
  ['seconds', 1 / 3_600],
  ['minutes', 1 / 60],
  ['hours', 1],
  ['days', 24],
]);

/**
 * What Fabric's record of a batch says of its cost: cores of driver and executors over the time that it
 * ran. Only where all of it is served, and the number of executors did not change by itself
 * (`isDynamicAllocationEnabled` is false); nothing is guessed. Source: Lakehouse API, "Get Livy Session".
 */
export function sessionRecord(body: unknown): SessionRecord {
  if (!isObject(body) || body['isDynamicAllocationEnabled'] !== false) return {};
  const driver = whole(body, 'driverCores');
  const executors = whole(body, 'numExecutors');
  const each = executors === 0 ? 0 : whole(body, 'executorCores');
  const hours = runningHours(body);
  if (driver === undefined || executors === undefined || each === undefined) return {};
  if (driver === 0 || hours === undefined) return {};
  const cores = driver + executors * each;
  return {
    vCoreHours: cores * hours,
    reckoned: `${driver} driver cores and ${executors} executors of ${each} cores, over the ${duration(hours * 3_600_000)} that Fabric counts as running`,
  };
}

/** A count that can be one of cores or executors. */
function whole(body: unknown, key: string): number | undefined {
  const value = numberAt(body, key);
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 100_000
    ? value
    : undefined;
}

function runningHours(body: unknown): number | undefined {
  const running = objectAt(body, 'runningDuration');
  const value = numberAt(running, 'value');
  const unit = inHours.get((textAt(running, 'timeUnit') ?? '').toLowerCase());
  if (value === undefined || value <= 0 || unit === undefined) return undefined;
  return value * unit;
}
