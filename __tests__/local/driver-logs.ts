import type { ScriptStep } from '../../local/engine/scripted.ts';
import {
  bench,
  fieldsOf,
  lakehousePath,
  type Bench,
  type BenchSettings,
  type Reply,
} from './bench.ts';

export const application = 'application_7_1';
const running: ScriptStep = { at: 0, phase: 'running', applicationId: application };

/** A batch whose driver log is read. */
export interface Watched {
  on: Bench;
  /** A file of the driver's log, by its name and attempt; by default the last one. */
  file: (name: string, more?: { attempt?: number; query?: string }) => Promise<Reply>;
  /** The list of the driver's files. */
  list: (query?: string, attempt?: number) => Promise<Reply>;
  logs: (query: string, attempt?: number) => Promise<Reply>;
  session: () => Promise<Reply>;
}

export async function watched(steps: ScriptStep[], settings: BenchSettings = {}): Promise<Watched> {
  const on = await bench({
    script: { steps: [running, ...steps] },
    tokenSeconds: 86_400,
    ...settings,
  });
  const session = `${lakehousePath}/livySessions/${await on.submit()}`;
  const logs = (query: string, attempt?: number): Promise<Reply> => {
    const ofAttempt = attempt === undefined ? '' : `/${attempt}`;
    return on.call(
      'fabric',
      'GET',
      `${session}/applications/${application}${ofAttempt}/logs?${query}`,
    );
  };
  return {
    on,
    file: (name, { attempt, query = 'isDownload=true' } = {}) =>
      logs(`type=driver&fileName=${name}&${query}`, attempt),
    logs,
    list: (query = '', attempt) => logs(`type=rollingdriver&meta=true${query}`, attempt),
    session: () => on.call('fabric', 'GET', session),
  };
}

export const namesOf = (reply: Reply): unknown =>
  fieldsOf(reply.json, 'containerLogMeta', 'fileName');
export const part = (offset: number, size: number): string =>
  `isDownload=true&isPartial=true&offset=${offset}&size=${size}`;
