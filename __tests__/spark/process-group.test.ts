import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { signalGroup } from '../../local/spark/process-group.ts';

const module = fileURLToPath(new URL('../../local/spark/process-group.ts', import.meta.url));
const starter = `
  const { spawn } = await import('node:child_process');
  const { watchGroup } = await import(${JSON.stringify(module)});
  const { pid } = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  globalThis.dismiss = watchGroup(pid);
  console.log(pid);
  process.stdin.on('data', () => { globalThis.dismiss(); process.exit(); });
`;

async function started(): Promise<{ starterProcess: ReturnType<typeof spawn>; group: number }> {
  const starterProcess = spawn(process.execPath, ['--input-type=module', '-e', starter], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const group = await new Promise<number>((resolve) =>
    starterProcess.stdout.once('data', (data) => resolve(Number(String(data)))),
  );
  return { starterProcess, group };
}

async function isGone(group: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (!signalGroup(group, 0)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

test('a watched group ends when its starter is killed', async () => {
  const { starterProcess, group } = await started();
  starterProcess.kill('SIGKILL');
  await expect(isGone(group, 4_000)).resolves.toBe(true);
});

test('a dismissed watch lets the group be', async () => {
  const { starterProcess, group } = await started();
  starterProcess.stdin?.write('\n');
  await once(starterProcess, 'exit');
  await expect(isGone(group, 1_000)).resolves.toBe(false);
  signalGroup(group, 'SIGKILL');
});
