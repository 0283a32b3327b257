import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bench, files, lakehouse, scopes, workspace } from './bench.ts';
import { ask, onDisk, refused, second, withRoles, write } from './lake.ts';

describe('places', () => {
  test('by ids or by names, not by one of each', async () => {
    const on = await bench();
    await write(on, '/analytics/orders.Lakehouse/Files/x', 'x');
    expect((await ask(on, 'GET', `${files}/x`)).text).toBe('x');
    for (const path of [
      `/${workspace}/orders.Lakehouse/Files/x`,
      `/analytics/${lakehouse}/Files/x`,
    ])
      expect([path, (await ask(on, 'GET', path)).status]).toEqual([path, 400]);
    for (const path of [
      '/analytics/orders/Files/x',
      `/${workspace}/${second.lakehouse}/Files/x`,
      `/${second.workspace}/${lakehouse}/Files/x`,
    ])
      expect([path, (await ask(on, 'GET', path)).status]).toEqual([path, 404]);
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
    const source = { 'x-ms-rename-source': path };
    expect((await ask(on, 'PUT', `${files}/moved`, source)).status).toBe(400);
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
