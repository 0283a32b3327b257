import { existsSync, readFileSync } from 'node:fs';
import { RestError, type Path } from '@azure/storage-file-datalake';
import { describe, expect, test } from '@jest/globals';
import { dataLake, secretCredential, trusting } from './azure.ts';
import { bench, lakehouse, start, workspace, type Bench, type BenchSettings } from './bench.ts';
import { onDisk } from './lake.ts';

type Sdk = ReturnType<ReturnType<typeof dataLake>['getFileSystemClient']>;

const files = `${lakehouse}/Files`;

async function withSdk(settings: BenchSettings = {}): Promise<{ on: Bench; sdk: Sdk }> {
  const on = await bench(settings);
  return { on, sdk: dataLake(on).getFileSystemClient(workspace) };
}

/** What the SDK says of a refusal: status and code. */
async function refusal(request: Promise<unknown>): Promise<unknown> {
  try {
    await request;
  } catch (error) {
    return error instanceof RestError ? [error.statusCode, error.code] : error;
  }
  return 'no refusal';
}

async function pathsIn(sdk: Sdk, path: string, recursive = false): Promise<Path[]> {
  const paths: Path[] = [];
  for await (const item of sdk.listPaths({ path, recursive })) paths.push(item);
  return paths;
}

async function namesIn(sdk: Sdk, path: string, recursive = false): Promise<unknown[]> {
  return (await pathsIn(sdk, path, recursive)).map(({ name }) => name);
}

describe('Microsoft’s Data Lake SDK', () => {
  test('creates a file, appends to it and flushes it; before that nobody reads the bytes', async () => {
    const { on, sdk } = await withSdk();
    const file = sdk.getFileClient(`${files}/raw/orders ü%.csv`);
    await file.create();
    await file.append('id;', 0, 3);
    await file.append('amount', 3, 6);
    expect(readFileSync(onDisk(on, 'Files/raw/orders ü%.csv'), 'utf8')).toBe('');
    await file.flush(9);
    expect(readFileSync(onDisk(on, 'Files/raw/orders ü%.csv'), 'utf8')).toBe('id;amount');
    expect(await refusal(file.flush(12))).toEqual([400, 'InvalidFlushPosition']);
  });

  test('uploads in parts, several at a time, and reads the same bytes', async () => {
    const { sdk } = await withSdk();
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251));
    const file = sdk.getFileClient(`${files}/large`);
    await file.upload(bytes, { singleUploadThreshold: 1, chunkSize: 30_000, maxConcurrency: 3 });
    expect((await file.readToBuffer()).equals(bytes)).toBe(true);
    const inRanges = await file.readToBuffer(0, undefined, { chunkSize: 9_999, concurrency: 3 });
    expect(inRanges.equals(bytes)).toBe(true);
  });

  test('reads a part', async () => {
    const { sdk } = await withSdk();
    const file = sdk.getFileClient(`${files}/x`);
    await file.upload(Buffer.from('hello'));
    const { readableStreamBody, contentLength, contentRange } = await file.read(1, 3);
    const chunks: Buffer[] = [];
    for await (const chunk of readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).toString()).toBe('ell');
    expect([contentLength, contentRange]).toEqual([3, 'bytes 1-3/5']);
  });

  test('reads properties, which change with the file', async () => {
    const { on, sdk } = await withSdk();
    const file = sdk.getFileClient(`${files}/x`);
    await file.upload(Buffer.from('hello'));
    const first = await file.getProperties();
    expect(first).toMatchObject({ contentLength: 5, lastModified: new Date(start) });
    on.pass(60);
    await file.upload(Buffer.from('hello!'));
    const second = await file.getProperties();
    expect(second).toMatchObject({ contentLength: 6, lastModified: new Date(start + 60_000) });
    expect(second.etag).not.toBe(first.etag);
    expect(await file.exists()).toBe(true);
    expect(await sdk.getFileClient(`${files}/y`).exists()).toBe(false);
  });

  test('lists paths, flat and with all below', async () => {
    const { sdk } = await withSdk();
    for (const name of ['a/b/z', 'a/x y%', 'c'])
      await sdk.getFileClient(`${files}/${name}`).upload(Buffer.from(name));
    expect(await namesIn(sdk, files)).toEqual([`${files}/a`, `${files}/c`]);
    expect(await namesIn(sdk, files, true)).toEqual(
      ['a', 'a/b', 'a/b/z', 'a/x y%', 'c'].map((name) => `${files}/${name}`),
    );
    expect(await refusal(namesIn(sdk, `${files}/none`))).toEqual([404, 'PathNotFound']);
    const [folder, file] = await pathsIn(sdk, files);
    expect(folder).toMatchObject({ isDirectory: true, lastModified: new Date(start) });
    expect(file).toMatchObject({ isDirectory: false, contentLength: 1 });
  });

  test.each([
    ['as it asks', 2, {}],
    ['as the service has them', 100, { pageSize: 2 }],
  ])('lists in pages, %s', async (_name, maxPageSize, settings) => {
    const { on, sdk } = await withSdk(settings);
    for (const name of ['1', '2', '3', '4', '5'])
      await sdk.getFileClient(`${files}/${name}`).create();
    const pages: string[][] = [];
    for await (const page of sdk.listPaths({ path: files }).byPage({ maxPageSize }))
      pages.push((page.pathItems ?? []).map(({ name = '' }) => name.slice(-1)));
    expect(pages).toEqual([['1', '2'], ['3', '4'], ['5']]);
    expect(on.fabric.requests.filter(({ method }) => method === 'GET')).toHaveLength(3);
  });

  test('deletes a file, and a folder with all below', async () => {
    const { on, sdk } = await withSdk();
    const file = sdk.getFileClient(`${files}/run/x`);
    await file.upload(Buffer.from('x'));
    await sdk.getFileClient(`${files}/run/y`).upload(Buffer.from('y'));
    await file.delete();
    expect((await file.deleteIfExists()).succeeded).toBe(false);
    const folder = sdk.getDirectoryClient(`${files}/run`);
    expect(await refusal(folder.delete(false))).toEqual([409, 'DirectoryNotEmpty']);
    await folder.delete(true);
    expect(existsSync(onDisk(on, 'Files/run'))).toBe(false);
  });

  test('makes a folder, and makes nothing twice if it must not', async () => {
    const { on, sdk } = await withSdk();
    const folder = sdk.getDirectoryClient(`${files}/run/1`);
    expect((await folder.createIfNotExists()).succeeded).toBe(true);
    expect((await folder.createIfNotExists()).succeeded).toBe(false);
    expect(existsSync(onDisk(on, 'Files/run/1'))).toBe(true);
    const none = sdk.getDirectoryClient(`${lakehouse}/Other`);
    expect(await refusal(none.create())).toEqual([400, 'OperationNotAllowedOnThePath']);
  });

  test('works with names in place of ids', async () => {
    const { on } = await withSdk();
    const sdk = dataLake(on).getFileSystemClient('analytics');
    await sdk.getFileClient('orders.Lakehouse/Files/x').upload(Buffer.from('x'));
    expect(await namesIn(sdk, 'orders.Lakehouse/Files')).toEqual(['orders.Lakehouse/Files/x']);
  });

  test('signs in by itself, for OneLake’s own audience', async () => {
    const on = await bench({ clock: { now: () => Date.now() } });
    const sdk = dataLake(on, { credential: secretCredential(on) }).getFileSystemClient(workspace);
    await sdk.getFileClient(`${files}/x`).upload(Buffer.from('x'));
    expect(readFileSync(onDisk(on, 'Files/x'), 'utf8')).toBe('x');
  });

  test('does not take the certificate of another local Fabric', async () => {
    const [on, other] = [await bench(), await bench()];
    const sdk = dataLake(on, { agent: trusting(other) }).getFileSystemClient(workspace);
    await expect(sdk.getFileClient(`${files}/x`).create()).rejects.toThrow(/certificate|signature/);
  });
});

describe('move of Microsoft’s Data Lake SDK', () => {
  test('renames where the workspace is named', async () => {
    const { on, sdk } = await withSdk();
    const file = sdk.getFileClient(`${files}/old`);
    await file.upload(Buffer.from('x'));
    await file.move(workspace, `${files}/deeper/new`);
    expect(existsSync(onDisk(on, 'Files/old'))).toBe(false);
    expect(readFileSync(onDisk(on, 'Files/deeper/new'), 'utf8')).toBe('x');
    expect(await refusal(file.move(workspace, `${files}/newer`))).toEqual([
      404,
      'SourcePathNotFound',
    ]);
  });

  test('renames within the workspace, where the host is a name', async () => {
    const { on, sdk } = await withSdk();
    await sdk.getFileClient(`${files}/old`).upload(Buffer.from('x'));
    const { port } = new URL(on.fabric.hosts.onelake);
    // Resolved here, on no name server; the certificate is checked as that of localhost.
    const agent = trusting(on, {
      servername: 'localhost',
      lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    const named = dataLake(on, { origin: `https://onelake.test:${port}`, agent });
    await named.getFileSystemClient(workspace).getFileClient(`${files}/old`).move(`${files}/new`);
    expect(readFileSync(onDisk(on, 'Files/new'), 'utf8')).toBe('x');
  });

  test('within the workspace fails on an IP host, by the SDK’s own rule: it takes the first segment for an account', async () => {
    const { on, sdk } = await withSdk();
    const file = sdk.getFileClient(`${files}/old`);
    await file.upload(Buffer.from('x'));
    expect(file.fileSystemName).toBe(lakehouse);
    expect(await refusal(file.move(`${files}/new`))).toEqual([404, 'PathNotFound']);
    expect(on.fabric.requests.at(-1)?.path).toBe(`/${lakehouse}/${files}/new?mode=legacy`);
    expect(existsSync(onDisk(on, 'Files/old'))).toBe(true);
  });
});
