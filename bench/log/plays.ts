export type StreamName = 'stdout' | 'stderr';

/** What a batch prints, and how the server gives it back. */
export interface Play {
  kind: 'plain' | 'mixed';
  streams: readonly StreamName[];
  /** Megabytes of the block that each stream prints, and how often it does; 0 times: one line. */
  megabytes: number;
  blocks: number;
  /** The log comes evenly in so many seconds; 0: it is there, and the batch over, at the first look. */
  seconds: number;
  /** False: the server ignores `offset` and `size`. */
  offsets: boolean;
  /** True: the real engine runs a job that prints this. */
  spark: boolean;
  /** Megabytes a second that the reader of the step's output takes; 0: as they come. */
  reader: number;
}

const large: Play = {
  kind: 'plain',
  streams: ['stdout'],
  megabytes: 150,
  blocks: 1,
  seconds: 0,
  offsets: true,
  spark: false,
  reader: 0,
};

export const atOnce = '150 MB, there at once';
export const fourTimes = '600 MB, there at once';

/** By the names of the rows that they become. */
export const plays: Readonly<Record<string, Play>> = {
  'one line': { ...large, blocks: 0 },
  [atOnce]: large,
  [fourTimes]: { ...large, blocks: 4 },
  '150 MB in 12 s': { ...large, seconds: 12 },
  '150 MB in 12 s, both streams': {
    ...large,
    streams: ['stdout', 'stderr'],
    megabytes: 75,
    seconds: 12,
  },
  '150 MB in 12 s, offsets ignored': { ...large, seconds: 12, offsets: false },
  '600 MB in 48 s, offsets ignored': { ...large, blocks: 4, seconds: 48, offsets: false },
  '150 MB, to a reader of 20 MB/s': { ...large, reader: 20 },
  '20 MB of all that is changed': { ...large, kind: 'mixed', megabytes: 20 },
};

export const sparkPlays: Readonly<Record<string, Play>> = {
  '150 MB in 12 s, real PySpark': { ...large, seconds: 12, spark: true },
};
