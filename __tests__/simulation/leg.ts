import { cleanUp } from '../../src/cleanup.ts';
import { runJob } from '../../src/job.ts';
import { Interrupt } from '../../src/job/interrupt.ts';
import { defaultIds } from '../../local/settings.ts';
import { fillDisk } from './files.ts';
import type { Sent } from './sent.ts';
import type { Instant, LegPlan } from './plan.ts';
import { Life } from './process.ts';
import { Random } from './random.ts';
import { hosts } from './requests.ts';
import { SimulatedRunner } from './runner.ts';
import type { Stage } from './stage.ts';

/** By then a cancelled main says where things stand and ends (src/main.ts); milliseconds. */
const endInTime = 8_700;

/** What became of one step of a workflow. */
export interface LegTrace {
  index: number;
  plan: LegPlan;
  startedAt: number;
  /** When main ended, and how: by itself, because it must after a signal, or killed. */
  endedAt: number;
  end: 'itself' | 'in-time' | 'killed';
  green: boolean;
  main: SimulatedRunner;
  signalAt?: number;
  /** In which phases signal and kill came. */
  signalPhase?: string;
  killPhase?: string;
  post?: SimulatedRunner;
  postStartedAt?: number;
  postEndedAt?: number;
  postGreen: boolean;
  /** The batch that `batch-id` names. */
  named: string | undefined;
  thrown?: unknown;
}

/** One step of a workflow under way: main, which may be killed, and post. */
export class Leg {
  readonly trace: LegTrace;
  readonly #stage: Stage;
  readonly #interrupt = new Interrupt();
  readonly #life = new Life();
  readonly #random: Random;
  readonly #waiting: { target: string; left: number; run: () => void }[] = [];
  #finish: (end: LegTrace['end']) => void = () => undefined;

  constructor(stage: Stage, plan: LegPlan, index: number) {
    this.#stage = stage;
    this.#random = new Random(stage.schedule.seed * 31 + index);
    const named = plan.kind === 'follow' ? stage.standing(index) : undefined;
    this.trace = {
      index,
      plan,
      startedAt: 0,
      endedAt: 0,
      end: 'itself',
      green: false,
      main: new SimulatedRunner({
        inputs: this.#inputs(plan, named),
        env: this.#env(plan, index),
        idToken: () => this.#life.whileAlive(this.#idToken('main')),
      }),
      postGreen: true,
      named,
    };
  }

  /** A request of this leg left: what waits for it happens so much later. */
  onSent({ target, part }: Sent): void {
    if (part !== 'main') return;
    for (const one of this.#waiting) {
      if (one.target !== target) continue;
      one.left -= 1;
      if (one.left === 0) one.run();
    }
  }

  get cancelling(): boolean {
    return this.#interrupt.raised;
  }

  async run(): Promise<LegTrace> {
    const { clock } = this.#stage;
    const { trace } = this;
    trace.startedAt = clock.now();
    const ended = new Promise<LegTrace['end']>((resolve) => (this.#finish = resolve));
    this.#plan();
    const job = runJob({
      world: this.#life.mortal(this.#stage.world(trace.main, 'main', trace.startedAt, trace.index)),
      interrupt: this.#interrupt,
      newNonce: () => this.#stage.newNonce(trace.index),
    });
    job.then(
      (green) => {
        trace.green = green;
        this.#finish('itself');
      },
      (thrown: unknown) => {
        trace.thrown = thrown;
        this.#finish('itself');
      },
    );
    trace.end = await ended;
    trace.endedAt = clock.now();
    if (trace.end !== 'itself') trace.green = false;
    if (trace.end === 'in-time') this.#sayWhereThingsStand();
    this.#life.end();
    trace.main.alive = false;
    if (trace.plan.post) await this.#post();
    return trace;
  }

  async #post(): Promise<void> {
    const { clock } = this.#stage;
    const { trace } = this;
    const { plan, index } = trace;
    await clock.sleep(500);
    trace.postStartedAt = clock.now();
    trace.post = new SimulatedRunner({
      inputs: this.#inputs(plan, trace.named),
      env: this.#env(plan, index),
      idToken: () => this.#idToken('post'),
      states: trace.main.states,
    });
    trace.postGreen = await cleanUp(
      this.#stage.world(trace.post, 'post', trace.postStartedAt, index),
    );
    trace.postEndedAt = clock.now();
  }

  /** As `src/main.ts` does it. */
  #sayWhereThingsStand(): void {
    const { main } = this.trace;
    main.output('result', 'Cancelled');
    main.output('error-code', 'CANCELLED');
    main.error(
      'The step was cancelled, and Fabric did not answer in time. The post step ends the batch.',
      'Spark batch cancelled',
    );
  }

  #plan(): void {
    const { clock, schedule } = this.#stage;
    const { trace } = this;
    for (const { kind, leg, at } of schedule.processes) {
      if (leg !== trace.index) continue;
      if (kind === 'disk-full') this.#at(at, () => fillDisk(tempOf(trace.index)));
      if (kind === 'kill')
        this.#at(at, () => {
          if (!trace.main.alive) return;
          trace.killPhase ??= this.#stage.phaseOf(trace.index, 'main');
          this.#finish('killed');
        });
      if (kind === 'signal')
        this.#at(at, () => {
          if (!trace.main.alive || trace.signalAt !== undefined) return;
          trace.signalAt = clock.now();
          trace.signalPhase = this.#stage.phaseOf(trace.index, 'main');
          this.#interrupt.raise('SIGINT');
          clock.after(endInTime, () => this.#finish('in-time'));
        });
    }
  }

  #at(instant: Instant, run: () => void): void {
    const { clock } = this.#stage;
    if ('after' in instant) clock.after(instant.after, run);
    else
      this.#waiting.push({
        target: instant.target,
        left: instant.nth,
        run: () => clock.after(instant.delay, run),
      });
  }

  async #idToken(part: 'main' | 'post'): Promise<string> {
    const { clock, network, authority, schedule } = this.#stage;
    await network.oidc(this.trace.index, part, this.trace.startedAt, this.#random.int(20, 200));
    const ends = schedule.settings.some(({ kind }) => kind === 'oidc-ends');
    return authority.idToken(clock.now(), this.trace.startedAt, ends);
  }

  #inputs(plan: LegPlan, named: string | undefined): Record<string, string> {
    const submits = plan.kind !== 'follow';
    return {
      workspace: defaultIds.workspace,
      lakehouse: defaultIds.lakehouse,
      'tenant-id': defaultIds.tenant,
      'client-id': defaultIds.client,
      'portal-url': 'https://app.fabric.microsoft.com',
      'fabric-endpoint': hosts.fabric,
      'onelake-endpoint': hosts.onelake,
      'authority-host': hosts.authority,
      ...(submits ? { file: 'Files/jobs/main.py' } : { 'batch-id': named ?? '' }),
      ...(plan.kind === 'dry-run' ? { 'dry-run': 'true' } : {}),
      ...(plan.identity === 'secret' ? { 'client-secret': this.#stage.secret } : {}),
      ...plan.inputs,
    };
  }

  #env(plan: LegPlan, index: number): Record<string, string> {
    return {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo-org/orders',
      GITHUB_WORKFLOW: 'orders',
      GITHUB_RUN_ID: '9000000001',
      GITHUB_RUN_NUMBER: '12',
      GITHUB_RUN_ATTEMPT: String(plan.attempt),
      RUNNER_TEMP: tempOf(index),
      ...(plan.identity === 'oidc'
        ? {
            ACTIONS_ID_TOKEN_REQUEST_URL: 'https://run-actions.githubusercontent.com/token',
            ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
          }
        : {}),
    };
  }
}

function tempOf(leg: number): string {
  return `/temp/leg-${leg}/`;
}
