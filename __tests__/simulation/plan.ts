/** The kinds of requests that a step makes. */
export type Target =
  | 'oidc'
  | 'token'
  | 'names'
  | 'submit'
  | 'status'
  | 'list'
  | 'cancel'
  | 'log'
  | 'length'
  | 'files'
  | 'session'
  | 'stages'
  | 'livy-log'
  | 'onelake';

/** What can happen to one request. */
export const requestFaults = [
  /** Nothing of it arrives. */
  'refused',
  /** The connection breaks before, or after, the request has had its effect. */
  'reset-before',
  'reset-after',
  /** The status line comes, and half of the body. */
  'cut',
  /** The body stops and nothing more comes. */
  'stall',
  /** No answer ever; the request has had its effect or not. */
  'silent',
  'silent-after',
  'slow',
  '408-before',
  '408-after',
  '429',
  '429-retry-after',
  '429-until',
  '430',
  '430-retry-after',
  '430-until',
  '5xx-before',
  '5xx-after',
  '503-retry-after',
  '401',
  '403',
  '404',
  'html',
  'unknown-word',
  'missing-fields',
  /** A gateway does the request twice, and the reply is lost. */
  'twin',
] as const;
export type RequestFaultKind = (typeof requestFaults)[number];

export interface RequestFault {
  kind: RequestFaultKind;
  target: Target;
  /** Which leg meets it. */
  leg: number;
  /** In main, or in post. */
  part: 'main' | 'post';
  /** Requests of the target that go well first, and how many meet it then. */
  skip: number;
  times: number;
  /** From when on, and until when, milliseconds after the start of the leg; in place of a count. */
  window?: readonly [number, number];
  /** Seconds of a Retry-After, of a delay. */
  seconds: number;
  /** Which stream's log is meant. */
  stream?: 'stdout' | 'stderr';
}

/** A moment of a leg: after its start, or after the n-th request of a kind was sent. */
export type Instant = { after: number } | { target: Target; nth: number; delay: number };

/** What happens to the process of main. */
export interface ProcessEvent {
  kind: 'signal' | 'kill' | 'disk-full';
  leg: number;
  at: Instant;
}

/** What happens to a batch beside its plan. */
export const batchEvents = [
  'roll',
  'restart',
  'restart-same-bytes',
  'restart-silent',
  'cancelled-elsewhere',
  'vanished',
  'expired',
  'unknown-word-lasting',
  'conflict',
  'uncertain',
  'capacity-later',
  'deaf-to-cancel',
  'slow-cancel',
] as const;
export type BatchEventKind = (typeof batchEvents)[number];

export interface BatchEvent {
  kind: BatchEventKind;
  /** Which batch: in the order of acceptance of its leg. */
  leg: number;
  batch: number;
  /** When, as a share of its run. */
  share: number;
  stream?: 'stdout' | 'stderr';
}

/** How the Fabric of a schedule differs from the plain one. */
export const settingKinds = [
  'list-lag',
  'read-lag',
  'no-tags',
  'offset-cap',
  'offsets-not-served',
  'offsets-go-on',
  'size-ignored',
  'active-name',
  'rolling-not-served',
  'capacity-full',
  'quota',
  'small-pages',
  'oidc-ends',
] as const;
export type SettingKind = (typeof settingKinds)[number];

export interface SettingEvent {
  kind: SettingKind;
  amount: number;
}

/** How a batch runs when nothing happens to it. Seconds. */
export interface BatchPlan {
  seed: number;
  queue: number;
  starting: number;
  running: number;
  /** Times that it prints, and about how many bytes each. */
  prints: number;
  bytes: number;
  end: 'success' | 'dead' | 'error' | 'never';
}

/** One step of a workflow. */
export interface LegPlan {
  kind: 'run' | 'follow' | 'dry-run';
  inputs: Readonly<Record<string, string>>;
  identity: 'secret' | 'oidc';
  attempt: number;
  /** Its run is this leg's: it starts when that leg has ended, if there is one. */
  afterLeg?: number;
  /** Does post run at all? */
  post: boolean;
  /** Milliseconds after the start of the schedule. */
  startAt: number;
  batches: readonly BatchPlan[];
}

/** All that happens in one schedule; the base, and the events that may be taken away. */
export interface Schedule {
  seed: number;
  kind: string;
  legs: readonly LegPlan[];
  requests: readonly RequestFault[];
  processes: readonly ProcessEvent[];
  batches: readonly BatchEvent[];
  settings: readonly SettingEvent[];
}
