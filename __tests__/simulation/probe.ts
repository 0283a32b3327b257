import './hooks.ts';
const { scheduleOf } = await import('./planning.ts');
const { Stage } = await import('./stage.ts');
const { judge } = await import('./oracle/all.ts');
const { clearFiles } = await import('./files.ts');
await import('./msal.ts');
const n = Number(process.argv[2] ?? 50),
  from = Number(process.argv[3] ?? 1);
const t0 = process.cpuUsage();
const w0 = performance.now();
const bad: Record<string, number[]> = {};
const results: Record<string, number> = {};
const slow: [number, number, string, number][] = [];
for (let seed = from; seed < from + n; seed += 1) {
  const s = scheduleOf(seed);
  clearFiles();
  const w = performance.now();
  if (process.env.V) console.error(seed, s.kind);
  try {
    const trace = await new Stage(s).play();
    for (const leg of trace.legs) {
      const k = `${leg.main.outputs['result'] ?? leg.end} ${leg.main.outputs['error-code'] ?? ''}`;
      results[k] = (results[k] ?? 0) + 1;
      if (leg.thrown) console.log(seed, leg.thrown);
    }
    for (const v of judge(trace)) {
      const k = v.check + ': ' + v.what.replace(/[0-9a-f-]{36}/g, 'ID').replace(/\d+/g, 'N');
      (bad[k] ??= []).push(seed);
    }
    slow.push([performance.now() - w, seed, s.kind, trace.stage.network.journal.length]);
  } catch (e) {
    console.log(seed, s.kind, e);
  }
}
const c = process.cpuUsage(t0);
console.log(results);
console.log(
  'cpu ms each',
  (c.user + c.system) / 1000 / n,
  'wall',
  (performance.now() - w0) / n,
  'requests each',
  slow.reduce((a, b) => a + b[3], 0) / n,
);
console.log(
  slow
    .sort((a, b) => b[0] - a[0])
    .slice(0, 12)
    .map((x) => x.map((y) => (typeof y === 'number' ? Math.round(y) : y)).join(' ')),
);
for (const [k, v] of Object.entries(bad)) console.log(v.length, k, v.slice(0, 6).join(' '));
