/** What clean_orders.py must have written, recomputed from the CSV without Spark. */
export interface CleanOrder {
  orderId: number;
  customer: string | null;
  country: string;
  /** `yyyy-mm-dd` */
  orderDate: string;
  /** With two decimals. */
  amount: string;
  currency: string;
  sample: number;
  seed: number;
}

/** Splits a CSV of plain cells (quotes around cells with commas) into records by column. */
function records(csv: string): Record<string, string>[] {
  const rows = csv
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((cell) => unquoted(cell[1] ?? '')),
    );
  const [columns = [], ...data] = rows;
  return data.map((cells) =>
    Object.fromEntries(columns.map((column, at) => [column, (cells[at] ?? '').trim()])),
  );
}

function unquoted(cell: string): string {
  return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

function isoDate(text: string): string | undefined {
  const [, year, month, day] =
    /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ??
    /^(\d{4})\/(\d{2})\/(\d{2})$/.exec(text) ??
    /^(\d{2})\.(\d{2})\.(\d{4})$/
      .exec(text)
      ?.map((part, at, all) => (at === 1 ? all[3] : at === 3 ? all[1] : part)) ??
    [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  const iso = Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10);
  return iso === `${year}-${month}-${day}` ? iso : undefined;
}

function decimal(text: string): string | undefined {
  const plain = text.replaceAll(',', '');
  return /^[+-]?\d+(\.\d*)?$/.test(plain) ? Number(plain).toFixed(2) : undefined;
}

/** The rows that are left of `csv`, in the order of their ids. */
export function cleanOrders(csv: string, seed: number): CleanOrder[] {
  const kept = records(csv).flatMap((record): CleanOrder[] => {
    const { order_id: id = '', order_date: date = '', amount: price = '' } = record;
    const [orderDate, amount] = [isoDate(date), decimal(price)];
    if (!/^[+-]?\d+$/.test(id) || orderDate === undefined || amount === undefined) return [];
    const orderId = Number(id);
    return [
      {
        orderId,
        customer: record['customer'] ? record['customer'] : null,
        country: (record['country'] ?? '').toUpperCase(),
        orderDate,
        amount,
        currency: (record['currency'] ?? '').toUpperCase(),
        sample: Number((BigInt(orderId) * BigInt(seed)) % 97n),
        seed,
      },
    ];
  });
  const distinct = new Map(kept.map((order) => [JSON.stringify(order), order]));
  return [...distinct.values()].sort((a, b) => a.orderId - b.orderId);
}
