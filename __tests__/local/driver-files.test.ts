import { expect, test } from '@jest/globals';
import { Batch } from '../../local/api/batch.ts';
import { driverFiles } from '../../local/api/driver-files.ts';
import type { Engine, EngineRun } from '../../local/engine/engine.ts';
import { defaultIds } from '../../local/settings.ts';
import { lakehouse, start, workspace } from './bench.ts';

/** Like real Spark: it tells of no cuts. */
const plain: EngineRun = {
  snapshot: () => ({ phase: 'running', runningAt: start }),
  read: () => Buffer.alloc(0),
  length: (log) => log.length,
  cancel: () => undefined,
};

test.each(['plain', 'active'] as const)(
  'an engine that never cuts has one file for each stream, and one attempt (%s)',
  (activeName) => {
    const engine: Engine = { kind: 'spark', run: () => plain, close: () => Promise.resolve() };
    const mount = {
      workspaceId: workspace,
      workspaceName: 'w',
      lakehouseId: lakehouse,
      lakehouseName: 'l',
      folder: '/nowhere',
    };
    const { client: clientId, principal: objectId } = defaultIds;
    const batch = new Batch({
      clock: { now: () => start },
      engine,
      request: { file: 'x' },
      submitter: { clientId, objectId, name: 'app', federatedCredentials: [] },
      mount,
      mounts: [mount],
      onelakeHost: '127.0.0.1',
      queueSeconds: 0,
      listLagSeconds: 0,
      turnedAway: false,
    });
    expect(batch.attempt).toBe(1);
    expect(driverFiles(batch, activeName)).toEqual([
      { name: 'stderr', stream: 'stderr', attempt: 1, from: 0, to: 6 },
      { name: 'stdout', stream: 'stdout', attempt: 1, from: 0, to: 6 },
    ]);
  },
);
