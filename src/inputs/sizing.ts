import { parseCount, parseMemory } from './forms.ts';
import type { Reader } from './reader.ts';

/** Sizes of a batch; absent where none was asked for. */
export interface Sizing {
  driverMemory?: string;
  driverCores?: number;
  executorMemory?: string;
  executorCores?: number;
  numExecutors?: number;
}

export function readSizing(reader: Reader): Sizing {
  const [driverMemory, executorMemory] = [
    reader.parsed('driver-memory', parseMemory, ''),
    reader.parsed('executor-memory', parseMemory, ''),
  ];
  const [driverCores, executorCores, numExecutors] = [
    reader.parsed('driver-cores', parseCount, 0),
    reader.parsed('executor-cores', parseCount, 0),
    reader.parsed('num-executors', parseCount, 0),
  ];
  return {
    ...(driverMemory ? { driverMemory } : {}),
    ...(driverCores ? { driverCores } : {}),
    ...(executorMemory ? { executorMemory } : {}),
    ...(executorCores ? { executorCores } : {}),
    ...(numExecutors ? { numExecutors } : {}),
  };
}
