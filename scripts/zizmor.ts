import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../local/spark/cache-folder.ts';
import { fillOnce } from '../local/spark/fill-once.ts';
import { thisMachine } from '../local/spark/machine.ts';
import { findPython } from '../local/spark/python.ts';
import { runTool } from '../local/spark/tool-run.ts';

const requirements = fileURLToPath(new URL('zizmor/requirements.txt', import.meta.url));
const program = join('bin', process.platform === 'win32' ? 'zizmor.exe' : 'zizmor');

/**
 * The path of zizmor, a pinned wheel of PyPI whose hashes pip checks: fetched once into the user's
 * cache, so that `npm ci` brings nothing of it.
 * @throws Error when there is no Python 3.11, or pip cannot fetch it, with what to do.
 */
export async function zizmor(log: (line: string) => void): Promise<string> {
  const machine = thisMachine();
  const pinned = readFileSync(requirements);
  const version = /^zizmor==(\S+)/m.exec(pinned.toString())?.[1] ?? 'unknown';
  const hash = createHash('sha256').update(pinned).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(machine), `zizmor-${version}-${hash}`);
  await fillOnce({
    name: `zizmor ${version}`,
    folder,
    problemOf: (filled) => (existsSync(join(filled, program)) ? undefined : `has no ${program}`),
    log,
    fill: async (temporary) => {
      const python = await findPython(machine);
      log(`Fetching zizmor ${version} (10 MB, once) into ${folder}`);
      const site = join(temporary, 'site');
      mkdirSync(site);
      const { exitCode, tail } = await runTool(
        python.executable,
        [
          ...['-m', 'pip', 'install', '--no-input', '-q', '--target', site, '--no-deps'],
          ...['--require-hashes', '--only-binary', ':all:', '-r', requirements],
        ],
        { env: { ...process.env, TMPDIR: temporary, PIP_DISABLE_PIP_VERSION_CHECK: '1' } },
      );
      if (exitCode !== 0)
        throw new Error(
          [
            `zizmor ${version} could not be fetched with Python ${python.version}:`,
            ...tail.map((line) => `  ${line}`),
            'What to check: that this is Python 3.11, and that pip can download (proxy, PIP_INDEX_URL).',
          ].join('\n'),
        );
      return site;
    },
  });
  return join(folder, program);
}
