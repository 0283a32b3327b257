import { describe, expect, test } from '@jest/globals';
import { WorkflowRuns, type RunState } from '../../../src/github/runs.ts';
import { HttpClient } from '../../../src/http/client.ts';
import { FakeNetwork, type Reply } from '../http/fake-network.ts';
import { VirtualClock } from '../virtual-clock.ts';

function scene(apiUrl: string, reply: Reply | Error): { network: FakeNetwork; runs: WorkflowRuns } {
  const clock = new VirtualClock();
  const network = new FakeNetwork(clock, () => reply);
  const http = new HttpClient({ transport: network.transport, clock, random: () => 0.5 });
  const runs = new WorkflowRuns({ http, apiUrl, repository: 'octo-org/orders', token: 'ghs_t' });
  return { network, runs };
}

const state = (reply: Reply | Error): Promise<RunState> =>
  scene('https://api.github.com', reply).runs.state('77');

describe('the state of a workflow run', () => {
  test('is asked of the API that the runner names, with the token', async () => {
    const { network, runs } = scene('https://ghe.example.com/api/v3/', { status: 404 });
    await runs.state('77');
    expect(network.requests).toMatchObject([
      {
        method: 'GET',
        url: 'https://ghe.example.com/api/v3/repos/octo-org/orders/actions/runs/77',
        headers: { authorization: 'Bearer ghs_t' },
      },
    ]);
  });

  test('is ended only when it is completed', async () => {
    const of = (status: string): Promise<RunState> =>
      state({ status: 200, text: JSON.stringify({ status }) });
    await expect(of('completed')).resolves.toEqual({ kind: 'ended' });
    for (const status of ['queued', 'in_progress', 'waiting', 'requested', 'unheard-of'])
      await expect(of(status)).resolves.toEqual({ kind: 'active' });
  });

  test('is not known from an answer without a status, or another one', async () => {
    const answers: (Reply | Error)[] = [
      { status: 200, text: '{}' },
      { status: 200, text: '<html>' },
      { status: 404, text: '{"message":"Not Found"}' },
      new Error('a fault'),
    ];
    for (const answer of answers)
      await expect(state(answer)).resolves.toMatchObject({ kind: 'unknown', forbidden: false });
  });

  test('that may not be read is told apart', async () => {
    for (const status of [401, 403])
      await expect(state({ status })).resolves.toMatchObject({ kind: 'unknown', forbidden: true });
  });
});

test('the token goes over https, or to loopback', () => {
  for (const apiUrl of ['http://api.github.com', 'ftp://api.github.com', '', 'api.github.com'])
    expect(() => scene(apiUrl, { status: 404 })).toThrow('GITHUB_API_URL');
  for (const apiUrl of ['https://api.github.com', 'http://127.0.0.1:8080'])
    expect(() => scene(apiUrl, { status: 404 })).not.toThrow();
});
