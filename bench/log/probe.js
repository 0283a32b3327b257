/**
 * Loaded before a process that is measured: at its end it writes what it used to the file that it is told.
 * (No TypeScript: what strips its types would be measured as well.)
 */
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  // The maxRSS of getrusage begins with that of the process which forked this one (Linux, `exec_mmap`).
  const [, peakKb] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const used = {
    peakMb: (Number(peakKb) * 1_024) / 1e6,
    cpuMs: (userCPUTime + systemCPUTime) / 1_000,
  };
  if (process.env.BENCH_PROBE) writeFileSync(process.env.BENCH_PROBE, JSON.stringify(used));
});
