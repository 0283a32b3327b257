/** Tools written in Go that the checks need, each at a pinned version, built once into the user's cache. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../local/spark/cache-folder.ts';
import { fillOnce } from '../local/spark/fill-once.ts';
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

/**
 * The path of the tool's program. It is built from the Go module proxy the first time, its sources
 * checked against Go's checksum database; of several processes that want it one builds.
 * @throws Error when there is no Go, or the build fails, with what to do.
 */
export async function goTool(tool: GoTool, log: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder(thisMachine()), 'go', `${tool.name}-${tool.version}`);
  await fillOnce({
    name: `${tool.name} ${tool.version}`,
    folder,
    problemOf: (built) => (existsSync(join(built, tool.name)) ? undefined : `has no ${tool.name}`),
    log,
    fill: (temporary) => {
      checkGo(tool);
      log(`Building ${tool.name} ${tool.version} (once) into ${folder}`);
      return build(tool, join(temporary, 'bin'));
    },
  });
  return join(folder, tool.name);
}

async function build(tool: GoTool, into: string): Promise<string> {
  try {
    await promisify(execFile)('go', ['install', `${tool.path}@${tool.version}`], {
      env: { ...process.env, GOBIN: into, GOFLAGS: '', CGO_ENABLED: '0' },
      maxBuffer: 16 * 1024 * 1024,
    });
    return into;
  } catch (cause) {
    throw new Error(
      `${tool.name} ${tool.version} could not be built: ${cause instanceof Error ? cause.message : String(cause)}\nWhat to check: that Go can download modules on this machine (proxy, GOPROXY), then try again.`,
      { cause },
    );
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
