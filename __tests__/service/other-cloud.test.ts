import { afterEach, expect, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import { defaultIds } from '../../local/settings.ts';
import type { HttpRequest } from '../../src/http/transport.ts';
import { MappingProxy } from '../mapping-proxy.ts';
import { stage, type Stage } from './stage.ts';

/** The inputs of a cloud whose every name is another than the public one's. */
const cloud = {
  'fabric-endpoint': 'https://fabric.gov.test',
  'onelake-endpoint': 'https://onelake.gov.test',
  'authority-host': 'https://login.gov.test',
  'portal-url': 'https://portal.gov.test',
  'fabric-scope': 'https://resource.gov.test/fabric/.default',
  'onelake-scope': 'https://resource.gov.test/storage/.default',
  'trusted-hosts': 'fabric.gov.test, onelake.gov.test, login.gov.test, portal.gov.test',
};
const certificateNames = ['fabric.gov.test', 'onelake.gov.test', 'login.gov.test'];
const audiences = {
  fabric: ['https://resource.gov.test/fabric'],
  onelake: ['https://resource.gov.test/storage'],
};

const ends: (() => unknown)[] = [];
afterEach(async () => {
  Reflect.deleteProperty(process.env, 'HTTPS_PROXY');
  await Promise.all(ends.splice(0).map((end) => end()));
});

/** A local Fabric of that cloud, reached through a proxy, since no resolver knows its names. */
async function inTheCloud(
  inputs: Readonly<Record<string, string>>,
): Promise<[Stage, MappingProxy]> {
  const cloudOf: { stage?: Stage } = {};
  const proxy = await MappingProxy.start((hostname) => {
    const hosts = cloudOf.stage?.fabric.hosts;
    const origin = {
      'fabric.gov.test': hosts?.fabric,
      'onelake.gov.test': hosts?.onelake,
      'login.gov.test': hosts?.authority,
    }[hostname];
    return origin === undefined ? undefined : Number(new URL(origin).port);
  });
  ends.push(() => proxy.close());
  process.env['HTTPS_PROXY'] = proxy.url();
  const made = await stage({
    script: goodBatch('done\n'),
    files: { 'jobs/main.py': "print('done')\n" },
    inputs: { file: 'jobs/main.py', ...inputs },
    settings: {
      certificateNames,
      audiences,
      pageSize: 1,
      workspaces: [
        { id: '11111111-2222-4333-8444-555555555501', name: 'first', lakehouses: [] },
        {
          id: defaultIds.workspace,
          name: 'analytics',
          capacityId: defaultIds.capacity,
          lakehouses: [
            { id: '11111111-2222-4333-8444-555555555502', name: 'first' },
            { id: defaultIds.lakehouse, name: 'orders' },
          ],
        },
      ],
    },
  });
  cloudOf.stage = made;
  return [made, proxy];
}

const isSignIn = ({ url }: HttpRequest): boolean => url.includes('/oauth2/');
const scopeOf = ({ body }: HttpRequest): string | null =>
  new URLSearchParams(typeof body === 'string' ? body : '').get('scope');

test('endpoints, authority, scopes and links are those of the inputs', async () => {
  const [step, proxy] = await inTheCloud({ ...cloud, workspace: 'analytics', lakehouse: 'orders' });
  expect(await step.run()).toBe(true);
  const { outputs } = step.runner;
  expect(outputs['result']).toBe('Succeeded');
  expect(outputs['run-url']).toMatch(/^https:\/\/portal\.gov\.test\//);
  expect(outputs['file-uri']).toMatch(
    new RegExp(`^abfss://${defaultIds.workspace}@onelake\\.gov\\.test/`),
  );
  expect(step.fabric.batches[0]?.request.file).toBe(outputs['file-uri']);

  const signIns = step.sent.filter(isSignIn);
  expect(new Set(signIns.map(({ url }) => url.split('?')[0]))).toEqual(
    new Set([`https://login.gov.test/${defaultIds.tenant}/oauth2/v2.0/token`]),
  );
  expect(new Set(signIns.map(scopeOf))).toEqual(
    new Set([cloud['fabric-scope'], cloud['onelake-scope']]),
  );
  const hosts = new Set(step.sent.map(({ url }) => new URL(url).origin));
  expect([...hosts].sort()).toEqual(certificateNames.map((name) => `https://${name}`).sort());
  expect([...new Set(proxy.seen)].sort()).toEqual([...certificateNames].sort());
});

test('a scope of another cloud: Entra knows no such resource, and the advice names the inputs', async () => {
  const [step] = await inTheCloud({ ...cloud, 'fabric-scope': '' });
  expect(await step.run()).toBe(false);
  expect(step.runner.outputs['error-code']).toBe('SIGN_IN_REFUSED');
  expect(step.runner.errors[0]?.message).toMatch(/AADSTS500011.*fabric-scope/s);
  expect(step.fabric.batches).toEqual([]);
});
