import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bench, fieldsOf, files, lakehouse, workspace } from './bench.ts';
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
