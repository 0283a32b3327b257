import type { Batch } from '../../local/api/batch.ts';
import {
  defaultIds,
  type ApplicationSettings,
  type LocalFabricSettings,
} from '../../local/settings.ts';
import type { World } from '../../src/job/connect.ts';
import { Authority } from './authority.ts';
import { SimulatedClock } from './clock.ts';
import { SimulatedFabric } from './fabric.ts';
import { Leg, type LegTrace } from './leg.ts';
import { Network } from './network.ts';
import type { BatchPlan, Schedule } from './plan.ts';
import { Random } from './random.ts';
import type { SimulatedRunner } from './runner.ts';
import { scriptOf } from './script.ts';

/** All that is known of a schedule that was played. */
export interface Trace {
  schedule: Schedule;
  stage: Stage;
  legs: readonly LegTrace[];
}

const caller: ApplicationSettings = {
  clientId: defaultIds.client,
  objectId: defaultIds.principal,
  name: 'simulated',
  federatedCredentials: [],
};
const noBatch: BatchPlan = {
  seed: 1,
  queue: 5,
  starting: 5,
  running: 60,
  prints: 3,
  bytes: 80,
  end: 'success',
};

/** A schedule under way: its services, its network, its legs. */
export class Stage {
  readonly schedule: Schedule;
  readonly clock: SimulatedClock;
  readonly fabric: SimulatedFabric;
  readonly network: Network;
  readonly authority: Authority;
  readonly secret: string;
  readonly legs: Leg[];
  /** Batches that are nobody's here. */
  readonly foreign = new Set<string>();
  readonly #random: Random;
  readonly #legOfNonce = new Map<string, number>();
  readonly #batchesOf = new Map<number, number>();
  #standing: { leg: number } | undefined;

  constructor(schedule: Schedule) {
    this.schedule = schedule;
    this.#random = new Random(schedule.seed);
    const random = this.#random;
    this.clock = new SimulatedClock(Date.UTC(2026, 10, 2, 8, 0, 0, random.int(0, 999)));
    this.secret = `s3cret~${random.hex(24)}`;
    this.authority = new Authority(caller, this.secret, random.hex(16));
    this.fabric = new SimulatedFabric({
      clock: this.clock,
      authority: this.authority,
      settings: settingsOf(schedule),
      newBatchId: () =>
        `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`,
      script: ({ id, request }) => this.#script(id, request.tags?.['submission']),
    });
    this.network = new Network({
      clock: this.clock,
      random: new Random(schedule.seed + 1),
      fabric: this.fabric,
      authority: this.authority,
      faults: schedule.requests,
      phaseOf: (leg, part) => this.phaseOf(leg, part),
      onSent: (sent) => this.legs[sent.leg]?.onSent(sent),
    });
    const full = schedule.settings.some(({ kind }) => kind === 'capacity-full');
    // A full capacity takes none of them.
    if (!full) this.#addForeign();
    this.legs = [];
    for (const [index, plan] of schedule.legs.entries()) this.legs.push(new Leg(this, plan, index));
  }

  async play(): Promise<Trace> {
    const { schedule, clock } = this;
    const under: Promise<LegTrace>[] = [];
    for (const [index, plan] of schedule.legs.entries()) {
      const leg = this.legs[index];
      if (!leg) continue;
      const before = plan.afterLeg === undefined ? undefined : under[plan.afterLeg];
      under.push(
        (async () => {
          await before;
          await clock.sleep(plan.startAt);
          return leg.run();
        })(),
      );
    }
    const legs = await clock.drive(Promise.all(under));
    return { schedule, stage: this, legs };
  }

  world(runner: SimulatedRunner, part: 'main' | 'post', startedAt: number, leg: number): World {
    const random = new Random(this.schedule.seed * 7 + leg);
    return {
      runner,
      clock: this.clock,
      random: () => random.next(),
      transport: this.network.transport(leg, part, startedAt),
    };
  }

  newNonce(leg: number): string {
    const nonce = this.#random.hex(32);
    this.#legOfNonce.set(nonce, leg);
    return nonce;
  }

  /** The leg that submitted a batch. */
  legOf(batch: Batch): number | undefined {
    return this.#legOfNonce.get(batch.request.tags?.['submission'] ?? '');
  }

  /** Every batch that a leg submitted, oldest first. */
  batchesOf(leg: number): Batch[] {
    return this.fabric.every.filter((batch) => this.legOf(batch) === leg);
  }

  /** A batch that somebody else submitted and that a leg is to follow; its id. */
  standing(leg: number): string {
    this.#standing = { leg };
    const id = this.#accept('standing', { repository: 'octo-org/other' });
    this.#standing = undefined;
    return id;
  }

  phaseOf(leg: number, part: 'main' | 'post'): string {
    if (part === 'post') return 'post';
    const one = this.legs[leg];
    const own = this.network.journal.filter((sent) => sent.leg === leg && sent.part === 'main');
    const submit = own.findLast(({ target }) => target === 'submit');
    const id = one?.trace.main.outputs['batch-id'];
    if (id === undefined) {
      if (!submit) return 'start';
      return submit.endedAt === undefined ? 'submit' : 'search';
    }
    if (one?.cancelling || own.some(({ target, batch }) => target === 'cancel' && batch === id))
      return 'cancelling';
    const phase = this.fabric.every.find((batch) => batch.id === id)?.snapshot().phase;
    if (phase === 'queued' || phase === 'starting') return 'queued';
    return phase === 'running' ? 'running' : 'ending';
  }

  #addForeign(): void {
    for (let count = this.#random.int(1, 3); count > 0; count -= 1)
      this.foreign.add(
        this.#accept(`orders ${this.#random.hex(12)}`, { submission: this.#random.hex(32) }),
      );
  }

  #accept(name: string, tags: Record<string, string>): string {
    const mount = {
      workspaceId: defaultIds.workspace,
      workspaceName: '',
      lakehouseId: defaultIds.lakehouse,
      lakehouseName: '',
      folder: '',
    };
    const batch = this.fabric.batches.accept({ name, file: 'abfss://x', tags }, caller, mount);
    this.fabric.every.push(batch);
    return batch.id;
  }

  #script(id: string, nonce: string | undefined): ReturnType<typeof scriptOf> {
    const leg = this.#standing?.leg ?? this.#legOfNonce.get(nonce ?? '');
    const application = `application_${this.#random.int(1_000, 9_999)}_${this.#random.hex(4)}`;
    if (leg === undefined)
      return scriptOf({ ...noBatch, end: 'never' }, [], application, this.secret);
    const batch = this.#batchesOf.get(leg) ?? 0;
    this.#batchesOf.set(leg, batch + 1);
    const plans = this.schedule.legs[leg]?.batches ?? [];
    const plan = plans[Math.min(batch, plans.length - 1)] ?? noBatch;
    const events = this.schedule.batches.filter((one) => one.leg === leg && one.batch === batch);
    const vanished = events.find(({ kind }) => kind === 'vanished');
    if (vanished)
      this.fabric.vanished.set(
        id,
        this.clock.now() + (plan.queue + plan.starting + vanished.share * plan.running) * 1_000,
      );
    return scriptOf(plan, events, application, this.secret);
  }
}

function settingsOf({
  settings,
}: Schedule): Partial<Omit<LocalFabricSettings, 'engine' | 'clock'>> {
  const amount = (kind: string): number | undefined =>
    settings.find((one) => one.kind === kind)?.amount;
  const cap = amount('offset-cap');
  const full = amount('capacity-full');
  const quota = amount('quota');
  return {
    applications: [caller],
    listLagSeconds: amount('list-lag') ?? 0,
    readLagSeconds: amount('read-lag') ?? 0,
    tagsKept: amount('no-tags') === undefined,
    pageSize: amount('small-pages') ?? 100,
    driverLog: {
      ...(cap === undefined ? {} : { largestOffset: cap }),
      offsetsServed: amount('offsets-not-served') === undefined,
      offsetsEndWithApplication: amount('offsets-go-on') === undefined,
      sizeIgnored: amount('size-ignored') !== undefined,
      activeName: amount('active-name') === undefined ? 'plain' : 'active',
      rollingServed: amount('rolling-not-served') === undefined,
    },
    ...(full === undefined
      ? {}
      : { capacity: { maxConcurrent: full, whenFull: 'refuse' as const, retryAfterSeconds: 20 } }),
    ...(quota === undefined ? {} : { quota: { perMinute: quota, says: 'retry-after' as const } }),
  };
}
