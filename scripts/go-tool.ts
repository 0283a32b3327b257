/** Tools written in Go that the checks need, each at a pinned version, built once into the user's cache. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cacheFolder } from '../local/spark/cache-folder.ts';
import { tryLock } from '../local/spark/fetch-lock.ts';
import { thisMachine } from '../local/spark/machine.ts';

export interface GoTool {
  name: string;
  /** Import path of its command. */
  path: string;
  version: string;
}

/** Runs workflows as GitHub does, nearly: docs/workflow-runners.md has the differences. */
export const act: GoTool = { name: 'act', path: 'github.com/nektos/act', version: 'v0.2.89' };

/** Checks workflows without running them. */
export const actionlint: GoTool = {
  name: 'actionlint',
  path: 'github.com/rhysd/actionlint/cmd/actionlint',
  version: 'v1.7.12',
};

const waitMs = 500;
const newsMs = 10_000;

/**
 * The path of the tool's program. It is built from the Go module proxy the first time, its sources
 * checked against Go's checksum database; of several processes that want it one builds.
 * @throws Error when there is no Go, or the build fails, with what to do.
 */
export async function goTool(tool: GoTool, log: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder(thisMachine()), 'go', `${tool.name}-${tool.version}`);
  const program = join(folder, tool.name);
  let lastNews = 0;
  while (!existsSync(program)) {
    mkdirSync(dirname(folder), { recursive: true });
    const lock = tryLock(`${folder}.lock`);
    if ('release' in lock) {
      try {
        if (!existsSync(program)) await build(tool, folder, log);
      } finally {
        lock.release();
      }
    } else {
      if (Date.now() - lastNews > newsMs) {
        lastNews = Date.now();
        log(`${tool.name} is being built by process ${lock.pid} on ${lock.host}; waiting for it.`);
      }
      await sleep(waitMs);
    }
  }
  return program;
}

async function build(tool: GoTool, folder: string, log: (line: string) => void): Promise<void> {
  checkGo(tool);
  log(`Building ${tool.name} ${tool.version} (once) into ${folder}`);
  const started = Date.now();
  const temporary = `${folder}.building-${process.pid}`;
  const news = setInterval(() => log(`  still building ${tool.name}`), newsMs);
  try {
    await promisify(execFile)('go', ['install', `${tool.path}@${tool.version}`], {
      env: { ...process.env, GOBIN: temporary, GOFLAGS: '', CGO_ENABLED: '0' },
      maxBuffer: 16 * 1024 * 1024,
    });
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
    log(`${tool.name} ${tool.version} is ready (${Math.round((Date.now() - started) / 1000)} s).`);
  } catch (cause) {
    throw new Error(
      `${tool.name} ${tool.version} could not be built: ${cause instanceof Error ? cause.message : String(cause)}\nWhat to check: that Go can download modules on this machine (proxy, GOPROXY), then try again.`,
      { cause },
    );
  } finally {
    clearInterval(news);
    rmSync(temporary, { recursive: true, force: true });
  }
}

function checkGo(tool: GoTool): void {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
  } catch (cause) {
    throw new Error(
      [
        `${tool.name} is built with Go, and there is no Go on this machine (no "go" on PATH).`,
        'Any one of these mends it:',
        '  Debian, Ubuntu: sudo apt-get install golang-go',
        '  macOS:          brew install go',
        '  GitHub Actions: it is there on the runners of GitHub; else uses: actions/setup-go',
      ].join('\n'),
      { cause },
    );
  }
}
