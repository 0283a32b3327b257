/** Loaded before a process of the action: its time runs five times as fast from here on. */
const times = 5;
const now = Date.now;
const start = now();
const after = globalThis.setTimeout;

Date.now = () => start + (now() - start) * times;
globalThis.setTimeout = Object.assign(
  (run, delay = 0, ...given) => after(run, delay / times, ...given),
  after,
);
