import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const tailLines = 15;

export interface ToolRun {
  /** null if the tool was killed. */
  exitCode: number | null;
  /** The last lines of what it wrote, both streams. */
  tail: string[];
}

/** Runs a tool to its end, keeping the end of its words. Rejects if it cannot be started. */
export function runTool(
  program: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; onLine?: (line: string) => void },
): Promise<ToolRun> {
  return new Promise((settle, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: options.env });
    const tail: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        tail.push(line);
        if (tail.length > tailLines) tail.shift();
        options.onLine?.(line);
      });
    }
    child.on('error', reject);
    child.on('close', (exitCode) => settle({ exitCode, tail }));
  });
}
