import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { dataFiles } from './delta-log.ts';
import { cleanOrders, type CleanOrder } from './orders.ts';

/** Reads the rows of a Delta table with readers that are not Spark. */
export async function readTable(folder: string): Promise<CleanOrder[]> {
  const rows = await Promise.all(
    dataFiles(folder).map(async (name) =>
      parquetReadObjects({ file: await asyncBufferFromFile(join(folder, name)) }),
    ),
  );
  return rows
    .flat()
    .map(cleanOrder)
    .sort((a, b) => a.orderId - b.orderId);
}

function cleanOrder(row: Record<string, unknown>): CleanOrder {
  const text = (name: string): string => {
    const value = row[name];
    return typeof value === 'string' ? value : '';
  };
  const date = row['order_date'];
  return {
    orderId: Number(row['order_id']),
    customer: row['customer'] === null || row['customer'] === undefined ? null : text('customer'),
    country: text('country'),
    orderDate: date instanceof Date ? date.toISOString().slice(0, 10) : text('order_date'),
    amount: Number(row['amount']).toFixed(2),
    currency: text('currency'),
    sample: Number(row['sample']),
    seed: Number(row['seed']),
  };
}

/** Compares what the job wrote with what it must have written; gives the number of rows. Throws at the first difference. */
export async function proveRows(folder: string, csv: string, seed: number): Promise<number> {
  const expected = cleanOrders(csv, seed);
  const found = await readTable(folder);
  for (let at = 0; at < Math.max(expected.length, found.length); at += 1) {
    const [want, have] = [JSON.stringify(expected[at]), JSON.stringify(found[at])];
    if (want !== have)
      throw new Error(`Row ${at + 1} of the table is ${have}, and should be ${want}`);
  }
  return expected.length;
}

/** True when Spark's own event log, anywhere under `folder`, tells of the start of this application. */
export function inEventLog(folder: string, applicationId: string): boolean {
  if (!existsSync(folder)) return false;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.some((file) =>
    readFileSync(join(file.parentPath, file.name), 'utf8')
      .split('\n')
      .some(
        (line) =>
          line.includes('"SparkListenerApplicationStart"') &&
          line.includes(`"App ID":"${applicationId}"`),
      ),
  );
}
