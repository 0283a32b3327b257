import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { defaultIds, type ApplicationSettings, type Role } from '../../local/settings.ts';
import {
  bench,
  dfsCodeOf,
  fieldsOf,
  files,
  lakehouse,
  scopes,
  start,
  workspace,
  type Bench,
  type Reply,
} from './bench.ts';

const second = {
  workspace: '11111111-2222-4333-8444-555555555503',
  lakehouse: '11111111-2222-4333-8444-555555555504',
};

function withRoles(roles: Record<string, Role>): ApplicationSettings[] {
  const { client, principal } = defaultIds;
  const federatedCredentials: [] = [];
  return [
    {
      clientId: client,
      objectId: principal,
      name: 'app',
      secret: 's',
      federatedCredentials,
      roles,
    },
  ];
}

const twoWorkspaces = [
  { id: workspace, name: 'analytics', lakehouses: [{ id: lakehouse, name: 'orders' }] },
  { id: second.workspace, name: 'other', lakehouses: [{ id: second.lakehouse, name: 'lake' }] },
];

function onDisk(on: Bench, path: string): string {
  return join(on.fabric.folderOf(lakehouse), path);
}

function ask(on: Bench, method: string, path: string, headers = {}): Promise<Reply> {
  return on.call('onelake', method, path, { headers });
}

async function append(on: Bench, path: string, position: number, body: string): Promise<Reply> {
  return on.call('onelake', 'PATCH', `${path}?action=append&position=${position}`, {
    body: Buffer.from(body),
  });
}

const flush = (on: Bench, path: string, position: number): Promise<Reply> =>
  ask(on, 'PATCH', `${path}?action=flush&position=${position}&close=true`);

async function write(on: Bench, path: string, text: string): Promise<void> {
  expect((await ask(on, 'PUT', `${path}?resource=file`)).status).toBe(201);
  expect((await append(on, path, 0, text)).status).toBe(202);
  expect((await flush(on, path, Buffer.byteLength(text))).status).toBe(200);
}

function refused(reply: Reply): unknown[] {
  if (reply.json !== undefined) {
    expect(dfsCodeOf(reply)).toBe(reply.headers['x-ms-error-code']);
    expect(reply.headers['x-ms-request-id']).toBeDefined();
  }
  return [reply.status, reply.headers['x-ms-error-code']];
}

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
  });

  test('folders are made with all that is above them', async () => {
    const on = await bench();
    expect((await ask(on, 'PUT', `${files}/a/b?resource=directory`)).status).toBe(201);
    expect((await ask(on, 'HEAD', `${files}/a/b`)).headers['x-ms-resource-type']).toBe('directory');
  });
});

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

describe('places', () => {
  test('by ids or by names, not by one of each', async () => {
    const on = await bench();
    await write(on, '/analytics/orders.Lakehouse/Files/x', 'x');
    expect((await ask(on, 'GET', `${files}/x`)).text).toBe('x');
    for (const path of [
      `/${workspace}/orders.Lakehouse/Files/x`,
      `/analytics/${lakehouse}/Files/x`,
      '/analytics/orders/Files/x',
      `/${workspace}/${second.lakehouse}/Files/x`,
      `/${second.workspace}/${lakehouse}/Files/x`,
    ])
      expect([400, 404]).toContain((await ask(on, 'GET', path)).status);
  });

  test.each([
    `/${workspace}`,
    `/${workspace}/${lakehouse}`,
    files,
    `/${workspace}/${lakehouse}/New`,
  ])('nothing is made or deleted at the first levels: %s', async (path) => {
    const on = await bench();
    for (const [method, query] of [
      ['PUT', '?resource=directory'],
      ['PUT', '?resource=file'],
      ['DELETE', '?recursive=true'],
    ] as const)
      expect([method, (await ask(on, method, path + query)).status]).toEqual([method, 400]);
    expect(existsSync(onDisk(on, 'Files'))).toBe(true);
    expect(existsSync(onDisk(on, 'New'))).toBe(false);
  });

  test.each(['..', '%2e%2e', '.%2E', '%2e%2e%2f%2e%2e', '..%5c', '.', 'a%00', '%252e%252e', '%zz'])(
    'no path leads out: %s',
    async (segment) => {
      const on = await bench();
      const path = `${files}/${segment}/x`;
      expect((await ask(on, 'PUT', `${path}?resource=file`)).status).toBe(400);
      expect((await ask(on, 'GET', path)).status).toBe(400);
      const source = { 'x-ms-rename-source': path };
      expect((await ask(on, 'PUT', `${files}/y`, source)).status).toBe(400);
    },
  );

  test('a link in a lakehouse leads nowhere', async () => {
    const on = await bench();
    const outside = join(on.fabric.stateFolder, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'x'), 'secret');
    symlinkSync(outside, onDisk(on, 'Files/link'));
    symlinkSync(join(tmpdir(), 'no such file at all'), onDisk(on, 'Files/broken'));
    expect((await ask(on, 'GET', `${files}/link/x`)).status).toBeGreaterThanOrEqual(400);
    expect((await ask(on, 'PUT', `${files}/link/y?resource=file`)).status).toBeGreaterThanOrEqual(
      400,
    );
    expect((await ask(on, 'DELETE', `${files}/link/x`)).status).toBeGreaterThanOrEqual(400);
    expect(existsSync(join(outside, 'x'))).toBe(true);
    expect(existsSync(join(outside, 'y'))).toBe(false);
    const list = await ask(
      on,
      'GET',
      `/${workspace}?resource=filesystem&recursive=true&directory=${lakehouse}/Files`,
    );
    expect(list.status).toBe(200);
    expect(list.text).not.toContain('link/x');
  });
});

describe('access', () => {
  test('Storage’s audience only, before anything is told of a path', async () => {
    const on = await bench({ tokenSeconds: 60 });
    const fabricToken = await on.token(scopes.fabric);
    const old = await on.token(scopes.onelake);
    on.pass(60);
    for (const token of [null, 'nonsense', fabricToken, old]) {
      for (const path of [`${files}/none`, '/nowhere/none.Lakehouse/Files/x', `/${workspace}`]) {
        const reply = await on.call('onelake', 'GET', path, { token });
        expect([path, reply.status]).toEqual([path, 401]);
        expect(reply.headers['www-authenticate']).toContain('Bearer');
      }
    }
  });

  test('a viewer reads and does not write', async () => {
    const on = await bench({ applications: withRoles({ [workspace]: 'viewer' }) });
    writeFileSync(onDisk(on, 'Files/x'), 'x');
    expect((await ask(on, 'GET', `${files}/x`)).status).toBe(200);
    for (const [method, query] of [
      ['PUT', '?resource=file'],
      ['PATCH', '?action=append&position=0'],
      ['DELETE', ''],
    ] as const)
      expect(refused(await ask(on, method, `${files}/x${query}`))).toEqual([
        403,
        'AuthorizationPermissionMismatch',
      ]);
    expect(readFileSync(onDisk(on, 'Files/x'), 'utf8')).toBe('x');
  });

  test('without a role there is nothing', async () => {
    const on = await bench({ applications: withRoles({ [workspace]: 'none' }) });
    writeFileSync(onDisk(on, 'Files/x'), 'x');
    expect([403, 404]).toContain((await ask(on, 'GET', `${files}/x`)).status);
    const list = `/${workspace}?resource=filesystem&recursive=true&directory=${lakehouse}`;
    expect([403, 404]).toContain((await ask(on, 'GET', list)).status);
  });
});
