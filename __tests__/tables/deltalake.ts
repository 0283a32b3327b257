import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillOnce } from '../../local/spark/fill-once.ts';
import { thisMachine } from '../../local/spark/machine.ts';
import { cacheFolder } from '../../local/spark/cache-folder.ts';
import type { Python } from '../../local/spark/python.ts';
import { runTool } from '../../local/spark/tool-run.ts';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));

/** A Delta table as delta-rs reads it. */
export interface ReadTable {
  version: number;
  /** The operations of the log, newest first. */
  operations: string[];
  /** Rows in no certain order. */
  rows: Record<string, unknown>[];
}

const script = `
import json, sys
from deltalake import DeltaTable, QueryBuilder
table = DeltaTable(sys.argv[1])
rows = QueryBuilder().register("t", table).execute("select * from t").read_all()
columns = {name: rows.column(name).to_pylist() for name in rows.column_names}
print(json.dumps({
    "version": table.version(),
    "operations": [entry["operation"] for entry in table.history()],
    "rows": [dict(zip(columns, values)) for values in zip(*columns.values())],
}, default=str))
`;

/** A reader of Delta tables that is neither Spark nor Java: delta-rs, from PyPI, in the cache. */
export class DeltaLake {
  readonly #python: Python;
  readonly #site: string;

  private constructor(python: Python, site: string) {
    this.#python = python;
    this.#site = site;
  }

  static async find(python: Python, log: (line: string) => void): Promise<DeltaLake> {
    const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
    const folder = join(cacheFolder(thisMachine()), `deltalake-${hash}`);
    await fillOnce({
      name: 'deltalake',
      folder,
      log,
      problemOf: (path) =>
        existsSync(join(path, 'deltalake', '__init__.py')) ? undefined : 'has no deltalake',
      fill: async (temporary) => {
        log(`Fetching deltalake (55 MB, once) into ${folder}`);
        const site = join(temporary, 'site');
        mkdirSync(site);
        const args = ['--target', site, '--no-deps', '--require-hashes', '--only-binary', ':all:'];
        const pip = await runTool(
          python.executable,
          ['-m', 'pip', 'install', '--no-input', '-q', ...args, '-r', requirements],
          { env: { ...process.env, TMPDIR: temporary } },
        );
        if (pip.exitCode !== 0)
          throw new Error(
            `deltalake needs Python 3.11 (found ${python.version}):\n${pip.tail.join('\n')}`,
          );
        return site;
      },
    });
    return new DeltaLake(python, folder);
  }

  async read(folder: string): Promise<ReadTable> {
    const run = await runTool(this.#python.executable, ['-c', script, folder], {
      env: { ...process.env, PYTHONPATH: this.#site },
    });
    if (run.exitCode !== 0) throw new Error(`delta-rs on ${folder}:\n${run.tail.join('\n')}`);
    return parse(JSON.parse(run.tail.at(-1) ?? ''));
  }
}

function parse(value: unknown): ReadTable {
  if (typeof value === 'object' && value !== null) {
    const { version, operations, rows } = { version: 0, operations: [], rows: [], ...value };
    if (typeof version === 'number' && isList(operations, isText) && isList(rows, isRow))
      return { version, operations, rows };
  }
  throw new Error(`Not what the script prints: ${JSON.stringify(value)}`);
}

function isList<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.every(isItem);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isRow = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
