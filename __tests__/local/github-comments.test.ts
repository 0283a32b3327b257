import { expect, test } from '@jest/globals';
import { actionsBot, type Identity } from '../../local/github/access.ts';
import { enterpriseServer, type GitHubSettings } from '../../local/github/settings.ts';
import { isObject, textAt } from '../../src/http/json.ts';
import { bench, type Bench, type Reply } from './bench.ts';

const person: Identity = { login: 'octocat', id: 583_231, type: 'User', pullRequests: 'write' };
const reader: Identity = { ...actionsBot, pullRequests: 'read' };
const stranger: Identity = { ...person, login: 'stranger', id: 5, pullRequests: 'none' };

const issue = '/repos/octo-org/orders/issues/7/comments';
const ofRepository = '/repos/octo-org/orders/issues/comments';

function scene(github: Partial<GitHubSettings> = {}): Promise<Bench> {
  const identities = { ghp_person: person, ghs_reader: reader, ghp_stranger: stranger };
  return bench({ github: { pullRequests: [7], identities, ...github } });
}

function ask(
  on: Bench,
  method: string,
  path: string,
  { token, body }: { token?: string | null; body?: unknown } = {},
): Promise<Reply> {
  return on.call('issuer', method, path, {
    headers: { 'user-agent': 'test' },
    token: token === undefined ? on.fabric.githubToken : token,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test('a comment is made, read, changed and deleted, with the fields that GitHub requires', async () => {
  const on = await scene();
  const made = await ask(on, 'POST', issue, { body: { body: 'Me too' } });
  expect(made.status).toBe(201);
  const url = `${on.fabric.hosts.issuer}${ofRepository}/1`;
  expect(made.headers['location']).toBe(url);
  expect(made.json).toMatchObject({
    id: 1,
    url,
    body: 'Me too',
    user: { login: 'github-actions[bot]', id: 41_898_282, type: 'Bot' },
    created_at: '2026-01-15T12:00:00Z',
    updated_at: '2026-01-15T12:00:00Z',
  });
  const required = ['id', 'node_id', 'html_url', 'issue_url', 'user', 'url'];
  expect(Object.keys(isObject(made.json) ? made.json : {})).toEqual(
    expect.arrayContaining([...required, 'created_at', 'updated_at', 'author_association']),
  );
  on.pass(60);
  const changed = await ask(on, 'PATCH', `${ofRepository}/1`, { body: { body: 'changed' } });
  expect([
    changed.status,
    textAt(changed.json, 'body'),
    textAt(changed.json, 'updated_at'),
  ]).toEqual([200, 'changed', '2026-01-15T12:01:00Z']);
  expect((await ask(on, 'GET', `${ofRepository}/1`)).json).toEqual(changed.json);
  const deleted = await ask(on, 'DELETE', `${ofRepository}/1`);
  expect([deleted.status, deleted.text]).toEqual([204, '']);
  for (const method of ['GET', 'DELETE'])
    expect((await ask(on, method, `${ofRepository}/1`)).status).toBe(404);
});

test('a list comes in pages, by ascending id, with links to the others', async () => {
  const on = await scene();
  for (let number = 1; number <= 65; number += 1) on.fabric.comments.add(7, person, `c${number}`);
  const first = await ask(on, 'GET', issue);
  expect(first.json).toHaveLength(30);
  expect(first.headers['link']).toBe(
    `<${on.fabric.hosts.issuer}${issue}?per_page=30&page=2>; rel="next", <${on.fabric.hosts.issuer}${issue}?per_page=30&page=3>; rel="last"`,
  );
  const last = await ask(on, 'GET', `${issue}?per_page=30&page=3`);
  expect(last.json).toHaveLength(5);
  expect(last.headers['link']).not.toContain('next');
  const whole = await ask(on, 'GET', `${issue}?per_page=1000`);
  expect(whole.json).toHaveLength(65);
  expect(whole.headers['link']).toBeUndefined();
});

test('a token that may only read gets 403 for a write; one that may not read sees nothing', async () => {
  const on = await scene();
  on.fabric.comments.add(7, person, 'text');
  for (const [method, path] of [
    ['POST', issue],
    ['PATCH', `${ofRepository}/1`],
    ['DELETE', `${ofRepository}/1`],
  ] as const) {
    const body = method === 'DELETE' ? {} : { body: { body: 'x' } };
    const reply = await ask(on, method, path, { token: 'ghs_reader', ...body });
    expect([reply.status, textAt(reply.json, 'message')]).toEqual([
      403,
      'Resource not accessible by integration',
    ]);
  }
  expect((await ask(on, 'GET', issue, { token: 'ghs_reader' })).status).toBe(200);
  expect((await ask(on, 'GET', issue, { token: 'ghp_stranger' })).status).toBe(404);
  expect((await ask(on, 'GET', issue, { token: null })).status).toBe(401);
  expect(on.fabric.comments.of(7).map(({ body }) => body)).toEqual(['text']);
});

test('a pull request that is not there: 404; a text that is too long, or none: 422', async () => {
  const on = await scene();
  for (const path of [issue.replace('7', '8'), issue.replace('orders', 'other')])
    expect((await ask(on, 'POST', path, { body: { body: 'x' } })).status).toBe(404);
  for (const body of [{ body: 'x'.repeat(65_537) }, { body: ' ' }, {}]) {
    const reply = await ask(on, 'POST', issue, { body });
    expect([reply.status, textAt(reply.json, 'message')]).toEqual([422, 'Validation Failed']);
  }
  expect((await ask(on, 'POST', issue, { body: { body: 'x'.repeat(65_536) } })).status).toBe(201);
});

test('GraphQL tells whose a token is, also where the API stands below a path', async () => {
  const on = await scene();
  const query = 'query { viewer { login databaseId } }';
  const viewer = (reply: Reply): unknown => reply.json;
  expect(viewer(await ask(on, 'POST', '/graphql', { body: { query } }))).toEqual({
    data: { viewer: { login: 'github-actions[bot]', databaseId: 41_898_282 } },
  });
  expect(
    viewer(await ask(on, 'POST', '/graphql', { token: 'ghp_person', body: { query } })),
  ).toEqual({ data: { viewer: { login: 'octocat', databaseId: 583_231 } } });
  expect((await ask(on, 'POST', '/graphql', { token: 'x', body: { query } })).status).toBe(401);
  const enterprise = await scene(enterpriseServer);
  expect(enterprise.fabric.env['GITHUB_GRAPHQL_URL']).toBe(
    `${enterprise.fabric.hosts.issuer}/api/graphql`,
  );
  expect((await ask(enterprise, 'POST', '/api/graphql', { body: { query } })).status).toBe(200);
});
