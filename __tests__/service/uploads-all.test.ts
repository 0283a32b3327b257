import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { StepError } from '../../src/errors.ts';
import type { OneLake } from '../../src/fabric/onelake.ts';
import { hashOf, uploadAll, type Upload } from '../../src/job/uploads.ts';
import { RecordingRunner } from './recording-runner.ts';
import { VirtualTime } from './virtual-time.ts';

type Write = OneLake['write'];

/** A lake that takes a megabyte in a time of the virtual clock, and notes what it is asked. */
class SlowLake {
  readonly events: string[] = [];
  most = 0;
  #underWay = 0;
  readonly #time: VirtualTime;
  readonly #msPerMegabyte: number;
  readonly #refused: string | undefined;

  constructor(time: VirtualTime, msPerMegabyte: number, refused?: string) {
    this.#time = time;
    this.#msPerMegabyte = msPerMegabyte;
    this.#refused = refused;
  }

  readonly write: Write = async (path, { size }, options) => {
    const { signal, onProgress } = options ?? {};
    this.events.push(`begin ${path}`);
    this.most = Math.max(this.most, (this.#underWay += 1));
    try {
      if (path.endsWith(this.#refused ?? '?')) throw new StepError('FORBIDDEN', `${path}: no`);
      for (let sent = 0; sent < size;) {
        const block = Math.min(8_000_000, size - sent);
        await this.#time.sleep((block / 1_000_000) * this.#msPerMegabyte, signal);
        if (signal?.aborted) throw new StepError('UPLOAD_FAILED', `${path}: cancelled`);
        sent += block;
        onProgress?.(sent);
      }
      this.events.push(`end ${path}`);
    } finally {
      this.#underWay -= 1;
    }
  };
}

const upload = (baseName: string, megabytes: number): Upload => ({
  baseName,
  realPath: `/checkout/${baseName}`,
  size: megabytes * 1_000_000,
});

async function sent(
  lake: SlowLake,
  clock: VirtualTime,
  uploads: readonly Upload[],
  signal: AbortSignal = new AbortController().signal,
): Promise<{ lines: string[]; thrown: unknown }> {
  const runner = new RecordingRunner({ inputs: {} });
  const parts = { lake, runner, clock, folder: 'Files/up', uploads, signal };
  const thrown: unknown = await uploadAll(parts).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { lines: runner.lines, thrown };
}

test('a large file tells how far it is, at most every 10 s', async () => {
  const time = new VirtualTime();
  const { lines } = await sent(new SlowLake(time, 150), time, [upload('big.jar', 300)]);
  expect(lines).toEqual([
    // 8 MB take 1.2 s, so that 10 s are over with every ninth block.
    'Uploading big.jar: 72 of 300 MB (24 %)',
    'Uploading big.jar: 144 of 300 MB (48 %)',
    'Uploading big.jar: 216 of 300 MB (72 %)',
    'Uploading big.jar: 288 of 300 MB (96 %)',
    'Uploaded:    Files/up/big.jar (300 MB)',
  ]);
});

test('one that arrives when it is time to tell says only that', async () => {
  const time = new VirtualTime();
  const { lines } = await sent(new SlowLake(time, 150), time, [upload('x.jar', 72)]);
  expect(lines).toEqual(['Uploaded:    Files/up/x.jar (72 MB)']);
});

test('a fast one and a small one tell only their arrival', async () => {
  const time = new VirtualTime();
  const uploads = [
    upload('fast.jar', 300),
    { ...upload('a.py', 0), size: 512 },
    upload('slow.py', 16),
  ];
  const { lines } = await sent(new SlowLake(time, 30), time, uploads);
  expect([...lines].sort()).toEqual([
    'Uploaded:    Files/up/a.py (512 bytes)',
    'Uploaded:    Files/up/fast.jar (300 MB)',
    'Uploaded:    Files/up/slow.py (16 MB)',
  ]);
  const slow = await sent(new SlowLake(time, 9_000), time, [upload('slow.py', 16)]);
  expect(slow.lines).toEqual(['Uploaded:    Files/up/slow.py (16 MB)']);
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_000, '1.0 kB'],
  [9_940, '9.9 kB'],
  [12_345, '12 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [2_345_678, '2.3 MB'],
])('%i bytes are told as %s', async (size, told) => {
  const time = new VirtualTime();
  const { lines } = await sent(new SlowLake(time, 1), time, [{ ...upload('x', 0), size }]);
  expect(lines).toEqual([`Uploaded:    Files/up/x (${told})`]);
});

test('four go at a time, all go once', async () => {
  const time = new VirtualTime();
  const lake = new SlowLake(time, 10);
  const uploads = [1, 2, 3, 4, 5].map((n) => upload(`${n}.jar`, n));
  const { lines } = await sent(lake, time, [...uploads, upload('2.jar', 2)]);
  expect(lake.most).toBe(4);
  expect(lines).toHaveLength(5);
  expect(lake.events.filter((event) => event.startsWith('begin'))).toEqual(
    uploads.map(({ baseName }) => `begin Files/up/${baseName}`),
  );
});

test('the first failure ends the others and is the error', async () => {
  const time = new VirtualTime();
  const lake = new SlowLake(time, 1_000, '2.jar');
  const uploads = ['1', '2', '3', '4', '5'].map((name) =>
    upload(`${name}.jar`, name === '2' ? 1 : 100),
  );
  const { lines, thrown } = await sent(lake, time, uploads);
  expect(thrown).toMatchObject({ code: 'FORBIDDEN', message: 'Files/up/2.jar: no' });
  expect(lake.events).toEqual(['1', '2', '3', '4'].map((name) => `begin Files/up/${name}.jar`));
  expect(lines).toEqual([]);
});

test('a signal ends them all', async () => {
  const time = new VirtualTime();
  const end = new AbortController();
  time.after(1_500, () => end.abort());
  const lake = new SlowLake(time, 1_000);
  const uploads = [upload('1.jar', 1), upload('2.jar', 100), upload('3.jar', 100)];
  const { lines, thrown } = await sent(lake, time, uploads, end.signal);
  expect(thrown).toMatchObject({ code: 'UPLOAD_FAILED' });
  expect(lines).toEqual(['Uploaded:    Files/up/1.jar (1.0 MB)']);
});

test('the hash of a file is that of its bytes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hash-'));
  try {
    const bytes = randomBytes(2_500_000);
    writeFileSync(join(folder, 'x'), bytes);
    expect(await hashOf(join(folder, 'x'))).toBe(createHash('sha256').update(bytes).digest('hex'));
    await expect(hashOf(join(folder, 'none'))).rejects.toMatchObject({
      code: 'UPLOAD_FAILED',
      message: expect.stringContaining('ENOENT'),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
