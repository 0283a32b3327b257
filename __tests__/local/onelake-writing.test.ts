import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { bench, files, start } from './bench.ts';
import { append, ask, flush, onDisk, refused, staged, write } from './lake.ts';

describe('writing', () => {
  test('create, append, flush: a plain file, by OneLake’s clock', async () => {
    const on = await bench();
    const path = `${files}/a/b/x.txt`;
    on.pass(60);
    const created = await ask(on, 'PUT', `${path}?resource=file`);
    expect([created.status, created.headers['etag'] !== undefined]).toEqual([201, true]);
    await append(on, path, 0, 'hello ');
    await append(on, path, 6, 'wörld');
    expect((await ask(on, 'GET', path)).text).toBe('');
    on.pass(60);
    const flushed = await flush(on, path, 12);
    expect(flushed.status).toBe(200);
    expect(flushed.headers['etag']).not.toBe(created.headers['etag']);
    const written = new Date(start + 120_000).toUTCString();
    expect(flushed.headers['last-modified']).toBe(written);
    expect(readFileSync(onDisk(on, 'Files/a/b/x.txt'), 'utf8')).toBe('hello wörld');
    const read = await ask(on, 'GET', path);
    expect([read.text, read.headers['last-modified']]).toEqual(['hello wörld', written]);
    expect(read.headers['date']).toBe(written);
  });

  test('pieces may come in any order; a gap is seen at the flush', async () => {
    const on = await bench();
    const path = `${files}/x`;
    await ask(on, 'PUT', `${path}?resource=file`);
    await append(on, path, 2, 'cd');
    expect(refused(await flush(on, path, 4))).toEqual([400, 'InvalidFlushPosition']);
    await append(on, path, 0, 'ab');
    expect(refused(await flush(on, path, 3))).toEqual([400, 'InvalidFlushPosition']);
    expect(refused(await flush(on, path, 5))).toEqual([400, 'InvalidFlushPosition']);
    expect((await ask(on, 'GET', path)).text).toBe('');
    expect((await flush(on, path, 4)).status).toBe(200);
    expect((await ask(on, 'GET', path)).text).toBe('abcd');
  });

  test('goes on where the file ends', async () => {
    const on = await bench();
    const path = `${files}/x`;
    await write(on, path, 'ab');
    await append(on, path, 2, 'cd');
    await flush(on, path, 4);
    expect((await ask(on, 'GET', path)).text).toBe('abcd');
    await append(on, path, 1, 'x');
    expect(refused(await flush(on, path, 2))).toEqual([400, 'InvalidFlushPosition']);
  });

  test('pieces that do not join are refused, though their lengths add up', async () => {
    const on = await bench();
    const path = `${files}/x`;
    await ask(on, 'PUT', `${path}?resource=file`);
    await append(on, path, 0, 'ab');
    await append(on, path, 5, 'cd');
    expect(refused(await flush(on, path, 4))).toEqual([400, 'InvalidFlushPosition']);
  });

  test('a piece that is sent again replaces the first', async () => {
    const on = await bench();
    const path = `${files}/x`;
    await ask(on, 'PUT', `${path}?resource=file`);
    await append(on, path, 0, 'xx');
    await append(on, path, 0, 'ab');
    await flush(on, path, 2);
    expect((await ask(on, 'GET', path)).text).toBe('ab');
    expect(staged(on)).toEqual([]);
  });

  test('an append may flush at once', async () => {
    const on = await bench();
    const path = `${files}/x`;
    await ask(on, 'PUT', `${path}?resource=file`);
    const body = Buffer.from('ab');
    const at = `${path}?action=append&position=0&flush=true`;
    expect((await on.call('onelake', 'PATCH', at, { body })).status).toBe(202);
    expect((await ask(on, 'GET', path)).text).toBe('ab');
  });

  test('creating a file again empties it, unless it must be new', async () => {
    const on = await bench();
    const path = `${files}/x`;
    await write(on, path, 'old');
    const onlyNew = { 'if-none-match': '*' };
    expect(refused(await ask(on, 'PUT', `${path}?resource=file`, onlyNew))).toEqual([
      409,
      'PathAlreadyExists',
    ]);
    await append(on, path, 3, 'x');
    expect((await ask(on, 'PUT', `${path}?resource=file`)).status).toBe(201);
    expect((await flush(on, path, 0)).status).toBe(200);
    expect((await ask(on, 'GET', path)).text).toBe('');
  });

  test('a deleted file leaves nothing behind of what was appended', async () => {
    const on = await bench();
    const path = `${files}/x`;
    await ask(on, 'PUT', `${path}?resource=file`);
    await append(on, path, 0, 'old');
    await ask(on, 'DELETE', path);
    expect(refused(await append(on, path, 0, 'x'))).toEqual([404, 'PathNotFound']);
    await ask(on, 'PUT', `${path}?resource=file`);
    expect(refused(await flush(on, path, 3))).toEqual([400, 'InvalidFlushPosition']);
    await append(on, path, 0, 'old');
    await ask(on, 'DELETE', path);
    expect(staged(on)).toEqual([]);
    await ask(on, 'PUT', `${files}/a/x?resource=file`);
    await append(on, `${files}/a/x`, 0, 'old');
    await ask(on, 'DELETE', `${files}/a?recursive=true`);
    expect(staged(on)).toEqual([]);
  });

  test('a position is needed, an action, a resource', async () => {
    const on = await bench();
    const path = `${files}/x`;
    await ask(on, 'PUT', `${path}?resource=file`);
    for (const query of ['action=append', 'action=append&position=x', 'action=x&position=0'])
      expect((await ask(on, 'PATCH', `${path}?${query}`)).status).toBe(400);
    expect((await ask(on, 'PUT', path)).status).toBe(400);
  });

  test('files and folders do not turn into each other', async () => {
    const on = await bench();
    await write(on, `${files}/file`, 'x');
    await write(on, `${files}/folder/in`, 'x');
    for (const path of ['folder?resource=file', 'file?resource=directory', 'file/in?resource=file'])
      expect((await ask(on, 'PUT', `${files}/${path}`)).status).toBe(409);
    expect(readFileSync(onDisk(on, 'Files/file'), 'utf8')).toBe('x');
    expect((await append(on, `${files}/folder`, 0, 'x')).status).toBe(409);
  });

  test('folders are made with all that is above them', async () => {
    const on = await bench();
    expect((await ask(on, 'PUT', `${files}/a/b?resource=directory`)).status).toBe(201);
    expect((await ask(on, 'HEAD', `${files}/a/b`)).headers['x-ms-resource-type']).toBe('directory');
  });
});
