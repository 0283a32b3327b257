import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { listAt } from '../../src/http/json.ts';
import { bench, fieldsOf, files, lakehouse, start, workspace } from './bench.ts';
import { ask, onDisk, refused, second, twoWorkspaces, withRoles, write } from './lake.ts';

describe('reading', () => {
  test('HEAD tells size and kind', async () => {
    const on = await bench();
    await write(on, `${files}/x`, 'hello');
    const head = await ask(on, 'HEAD', `${files}/x`);
    expect(head.status).toBe(200);
    expect(head.headers).toMatchObject({ 'content-length': '5', 'x-ms-resource-type': 'file' });
    expect((await ask(on, 'HEAD', `${files}/y`)).status).toBe(404);
  });

  test.each([
    ['bytes=1-2', 206, 'el', 'bytes 1-2/5'],
    ['bytes=3-', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=0-99', 206, 'hello', 'bytes 0-4/5'],
    ['bytes=3-1', 200, 'hello', undefined],
    ['lines=1-2', 200, 'hello', undefined],
  ])('range %s', async (range, status, text, contentRange) => {
    const on = await bench();
    await write(on, `${files}/x`, 'hello');
    const reply = await ask(on, 'GET', `${files}/x`, { range });
    expect([reply.status, reply.text, reply.headers['content-range']]).toEqual([
      status,
      text,
      contentRange,
    ]);
  });

  test('a range behind the end, a folder, what is not there', async () => {
    const on = await bench();
    await write(on, `${files}/a/x`, 'hello');
    const late = await ask(on, 'GET', `${files}/a/x`, { range: 'bytes=5-' });
    expect(refused(late)).toEqual([416, 'InvalidRange']);
    expect((await ask(on, 'GET', `${files}/a`)).status).toBe(409);
    expect(refused(await ask(on, 'GET', `${files}/y`))).toEqual([404, 'PathNotFound']);
  });

  test('lists a folder, flat or with all below', async () => {
    const on = await bench();
    await write(on, `${files}/a/x%20y%25`, 'hello');
    await write(on, `${files}/a/b/z`, '');
    const list = async (recursive: boolean, item: string, at = `/${workspace}`) =>
      ask(on, 'GET', `${at}?resource=filesystem&recursive=${recursive}&directory=${item}`);
    const flat = await list(false, `${lakehouse}/Files/a`);
    expect(flat.json).toMatchObject({
      paths: [
        { name: `${lakehouse}/Files/a/b`, isDirectory: 'true' },
        { name: `${lakehouse}/Files/a/x y%`, contentLength: '5' },
      ],
    });
    const byName = await list(true, 'orders.Lakehouse%2FFiles', '/analytics');
    expect(fieldsOf(byName.json, 'paths', 'name')).toEqual(
      ['a', 'a/b', 'a/b/z', 'a/x y%'].map((path) => `orders.Lakehouse/Files/${path}`),
    );
    expect((await list(true, `${lakehouse}/Files/none`)).status).toBe(404);
    expect((await list(true, `${lakehouse}/Files/..`)).status).toBe(400);
  });
});

test('a list comes in pages', async () => {
  const on = await bench({ pageSize: 2 });
  for (const name of ['1', '2', '3']) await write(on, `${files}/${name}`, name);
  const list = (more: string) =>
    ask(on, 'GET', `/${workspace}?resource=filesystem&directory=${lakehouse}/Files${more}`);
  const first = await list('&maxResults=5000');
  expect(listAt(first.json, 'paths')).toHaveLength(2);
  const next = encodeURIComponent(first.headers['x-ms-continuation'] ?? '');
  const last = await list(`&continuation=${next}`);
  expect(fieldsOf(last.json, 'paths', 'name')).toEqual([`${lakehouse}/Files/3`]);
  expect(last.headers).not.toHaveProperty('x-ms-continuation');
  for (const wrong of ['&maxResults=0', '&maxResults=x', '&continuation=nonsense'])
    expect(refused(await list(wrong))).toEqual([400, 'InvalidQueryParameterValue']);
});

test('one level of a folder comes in pages, with dates and kinds', async () => {
  const on = await bench({ pageSize: 1 });
  await write(on, `${files}/.github/1/jobs/main.py`, 'x');
  on.pass(60);
  await write(on, `${files}/.github/a.txt`, 'abc');
  const list = (more: string) =>
    ask(
      on,
      'GET',
      `/${workspace}?resource=filesystem&recursive=false&directory=${lakehouse}%2FFiles%2F.github${more}`,
    );
  const first = await list('');
  const next = encodeURIComponent(first.headers['x-ms-continuation'] ?? '');
  const last = await list(`&continuation=${next}`);
  const at = (seconds: number) => new Date(start + seconds * 1_000).toUTCString();
  const folder = `${lakehouse}/Files/.github`;
  expect(first.json).toEqual({
    paths: [
      {
        name: `${folder}/1`,
        isDirectory: 'true',
        contentLength: '0',
        lastModified: at(0),
        etag: expect.any(String),
      },
    ],
  });
  expect(last.json).toEqual({
    paths: [
      {
        name: `${folder}/a.txt`,
        contentLength: '3',
        lastModified: at(60),
        etag: expect.any(String),
      },
    ],
  });
  expect(last.headers).not.toHaveProperty('x-ms-continuation');
});

test('every answer is dated by the local Fabric’s clock', async () => {
  const on = await bench();
  on.pass(3_600);
  const dated = new Date(start + 3_600_000).toUTCString();
  await write(on, `${files}/x`, 'hello');
  const fault = (moment: 'before' | 'after') =>
    on.fabric.faults.add({
      when: ({ path }) => path.endsWith(`/Files/${moment}`),
      fault: { kind: 'answer', moment, status: 503 },
    });
  fault('before');
  fault('after');
  for (const [method, path, status] of [
    ['GET', `${files}/x`, 200],
    ['HEAD', `${files}/x`, 200],
    ['GET', `${files}/none`, 404],
    ['GET', `/${workspace}?resource=filesystem&directory=${lakehouse}/Files`, 200],
    ['GET', `${files}/before`, 503],
    ['GET', `${files}/after`, 503],
  ] as const) {
    const reply = await ask(on, method, path);
    expect([path, reply.status, reply.headers['date']]).toEqual([path, status, dated]);
  }
  const stranger = await on.call('onelake', 'GET', `${files}/x`, { token: null });
  expect([stranger.status, stranger.headers['date']]).toEqual([401, dated]);
});

test('what changes is dated by the local Fabric’s clock, with the folder that holds it', async () => {
  const on = await bench();
  const times = async () =>
    Promise.all(
      ['a', 'a/b', 'a/b/x'].map(async (path) => {
        const { headers } = await ask(on, 'HEAD', `${files}/${path}`);
        return (Date.parse(headers['last-modified'] ?? '') - start) / 1_000;
      }),
    );
  await write(on, `${files}/a/b/x`, 'x');
  expect(await times()).toEqual([0, 0, 0]);
  on.pass(60);
  await write(on, `${files}/a/b/y`, 'y');
  expect(await times()).toEqual([0, 60, 0]);
  on.pass(60);
  await ask(on, 'DELETE', `${files}/a/b/y`);
  expect(await times()).toEqual([0, 120, 0]);
  on.pass(60);
  await ask(on, 'PUT', `${files}/a/x`, { 'x-ms-rename-source': `${files}/a/b/x` });
  expect((await times()).slice(0, 2)).toEqual([180, 180]);
});

describe('deleting and renaming', () => {
  test('a folder with something in it goes only as a whole', async () => {
    const on = await bench();
    await write(on, `${files}/a/x`, 'x');
    expect(refused(await ask(on, 'DELETE', `${files}/a?recursive=false`))).toEqual([
      409,
      'DirectoryNotEmpty',
    ]);
    expect((await ask(on, 'DELETE', `${files}/a?recursive=true`)).status).toBe(200);
    expect(existsSync(onDisk(on, 'Files/a'))).toBe(false);
    expect(refused(await ask(on, 'DELETE', `${files}/a`))).toEqual([404, 'PathNotFound']);
  });

  test('a rename moves, and does not overwrite when it must not', async () => {
    const on = await bench();
    await write(on, `${files}/a`, 'A');
    await write(on, `${files}/b`, 'B');
    const source = { 'x-ms-rename-source': `${files}/a` };
    const onlyNew = { ...source, 'if-none-match': '*' };
    expect((await ask(on, 'PUT', `${files}/b?mode=posix`, onlyNew)).status).toBe(409);
    expect((await ask(on, 'PUT', `${files}/b?mode=posix`, source)).status).toBe(201);
    expect((await ask(on, 'GET', `${files}/b`)).text).toBe('A');
    expect(refused(await ask(on, 'PUT', `${files}/c`, source))).toEqual([
      404,
      'SourcePathNotFound',
    ]);
  });

  test('a rename takes nothing out of a workspace where the caller may not write', async () => {
    const on = await bench({
      workspaces: twoWorkspaces,
      applications: withRoles({ [second.workspace]: 'none' }),
    });
    const secret = join(on.fabric.folderOf(second.lakehouse), 'Files', 'secret');
    writeFileSync(secret, 'theirs');
    const source = {
      'x-ms-rename-source': `/${second.workspace}/${second.lakehouse}/Files/secret`,
    };
    expect((await ask(on, 'PUT', `${files}/mine`, source)).status).toBeGreaterThanOrEqual(400);
    expect(readFileSync(secret, 'utf8')).toBe('theirs');
  });
});
