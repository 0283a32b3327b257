import { goodBatch } from '../../local/engine/scripted.ts';
import { isSubmit, stage, type Stage } from '../../__tests__/service/stage.ts';
import type { HttpRequest, Transport } from '../../src/http/transport.ts';
import { runJob } from '../../src/job.ts';
import type { ChainCase } from './cases.ts';

/** How long each request is on its way, in milliseconds of the virtual clock. */
const latency = 100;

/** One request on the way to the submit. Times in latencies since the start of the step. */
export interface Trip {
  what: string;
  from: number;
  to: number;
}

/** What came before a submit, and it. */
export interface Chain {
  trips: readonly Trip[];
  /** Latencies from the start of the step to the arrival of the submit, its own included. */
  depth: number;
}

/** Plays a step on the stage of the service tests and gives its requests up to the submit. */
export async function play({ options }: ChainCase): Promise<Chain> {
  const step = await stage({ ...options, script: goodBatch('x\n', 60), latency });
  try {
    return await played(step);
  } finally {
    await step.close();
  }
}

async function played(step: Stage): Promise<Chain> {
  const { world, runner, interrupt, time } = step;
  const start = time.now();
  const trips: Trip[] = [];
  const during = async <Value>(what: string, work: () => Promise<Value>): Promise<Value> => {
    const trip = { what, from: (time.now() - start) / latency, to: Infinity };
    trips.push(trip);
    const value = await work();
    trip.to = (time.now() - start) / latency;
    return value;
  };
  const transport: Transport = (request, signal) =>
    during(nameOf(request), () => world.transport(request, signal));
  const ask = runner.idToken.bind(runner);
  runner.idToken = (audience) => during('ID token of GitHub', () => ask(audience));
  const green = await runJob({
    world: { ...world, transport },
    interrupt,
    newNonce: () => 'ab12cd34'.repeat(4),
  });
  if (!green) throw new Error(step.story);
  const submit = step.fabric.requests.find(isSubmit);
  const depth = ((submit?.at ?? NaN) - start) / latency;
  return { trips: trips.filter(({ from }) => from < depth), depth };
}

function nameOf({ method, url, body }: HttpRequest): string {
  const { pathname, searchParams } = new URL(url);
  if (pathname.endsWith('/token')) {
    const scope = typeof body === 'string' ? (new URLSearchParams(body).get('scope') ?? '') : '';
    return `token for ${scope.includes('storage') ? 'OneLake' : 'Fabric'}`;
  }
  if (pathname.includes('/livyapi/')) return method === 'POST' ? 'submit' : 'batch';
  const last = decodeURIComponent(pathname.split('/').at(-1) ?? '');
  if (method === 'GET') return `list of ${last}`;
  const done = searchParams.get('action') ?? (searchParams.has('resource') ? 'create' : method);
  return `${done} ${last}`;
}
