import type { BearerClient } from '../auth/bearer.ts';
import { Follower, type FollowerSinks, type StreamFollower } from './follower.ts';
import {
  driverFiles,
  livyLog,
  type LogAddress,
  type LogSource,
  type StreamName,
} from './sources.ts';

/** The log of one batch, as its service serves it. */
export interface BatchLogs {
  /** What messages call the service. */
  service: string;
  /** What is told of the part of a log that was not read, as the end of a sentence. */
  rest: string;
  names: readonly StreamName[];
  /** True where each application has a log of its own, which needs its id; else the batch has one. */
  perApplication: boolean;
  follower(application: string, name: StreamName, sinks: FollowerSinks): StreamFollower;
  /** When the next reading may go, by a pause of the service and by our budget; milliseconds since the epoch. */
  freeAt(): number;
  /** spark-submit's own log, for a batch that has no other. */
  submitLog(): LogSource;
}

/** The driver log of Fabric, by bytes, and its Livy log. */
export function fabricLogs(client: BearerClient, address: LogAddress): BatchLogs {
  return {
    service: 'Fabric',
    rest: 'what is missing stands in Fabric',
    names: ['stdout', 'stderr'],
    perApplication: true,
    follower: (application, name, sinks) => {
      const files = driverFiles(client, address, application, name);
      return new Follower(files.file(name), sinks, files);
    },
    freeAt: () => client.http.freeAt(client.origin),
    submitLog: () => livyLog(client, address),
  };
}
