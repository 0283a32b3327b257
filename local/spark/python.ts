import { MissingToolError, pathFolders, toolCaches, type Machine } from './machine.ts';

export interface Python {
  /** The interpreter itself (`sys.executable`), not a shim that leads to it. */
  executable: string;
  /** For example `3.11.7`. */
  version: string;
}

interface Rejected {
  path: string;
  why: string;
}

/** PySpark 3.5 runs on Python 3.8 and later; its cloudpickle fails on 3.12. Best first: Fabric has 3.11. */
const minors = [11, 10, 9, 8];

const question = [
  'import importlib.util, json, sys',
  'print(json.dumps({"version": list(sys.version_info[:3]), "executable": sys.executable,' +
    ' "pip": importlib.util.find_spec("pip") is not None}))',
].join('\n');

/**
 * The best Python of this machine for PySpark 3.5. `PYSPARK_PYTHON` and an active virtual
 * environment come first; then 3.11, 3.10, 3.9, 3.8, wherever they are. Every candidate is run
 * and asked, because a name or a shim may lie.
 * @throws MissingToolError that lists what was found and says how to get a fitting one.
 */
export async function findPython(machine: Machine): Promise<Python> {
  const rejected: Rejected[] = [];
  const seen = new Set<string>();
  const fitting: { python: Python; minor: number }[] = [];

  const ask = async (path: string): Promise<void> => {
    const answer = parseAnswer(await machine.run(path, ['-c', question]));
    if (answer === undefined) {
      rejected.push({ path, why: 'does not run' });
      return;
    }
    const [major, minor, patch] = answer.version;
    const version = `${major}.${minor}.${patch}`;
    if (seen.has(answer.executable)) return;
    seen.add(answer.executable);
    if (major !== 3 || !minors.includes(minor)) {
      rejected.push({ path: answer.executable, why: `is Python ${version}` });
    } else if (!answer.pip) {
      rejected.push({ path: answer.executable, why: `is Python ${version}, but has no pip` });
    } else {
      fitting.push({ python: { executable: answer.executable, version }, minor });
    }
  };

  for (const path of chosenByUser(machine)) {
    await ask(path);
    const first = fitting[0];
    if (first !== undefined) return first.python;
  }
  for (const path of candidates(machine)) {
    await ask(path);
    const last = fitting.at(-1);
    if (last !== undefined && last.minor === minors[0]) return last.python;
  }
  fitting.sort((a, b) => b.minor - a.minor);
  const best = fitting[0];
  if (best !== undefined) return best.python;
  throw new MissingToolError(missingPython(machine, rejected));
}

function chosenByUser(machine: Machine): string[] {
  const { PYSPARK_PYTHON: pysparkPython, VIRTUAL_ENV: virtualEnv } = machine.env;
  const paths: string[] = [];
  if (pysparkPython?.startsWith('/')) paths.push(pysparkPython);
  if (virtualEnv) paths.push(`${virtualEnv}/bin/python`);
  return paths;
}

/** Paths that may be a Python, those most likely to be 3.11 first. */
function candidates(machine: Machine): string[] {
  const folders = binFolders(machine);
  const names = [...minors.map((minor) => `python3.${minor}`), 'python3', 'python'];
  const contents = folders.map((folder) => ({ folder, names: new Set(machine.list(folder)) }));
  const paths = names.flatMap((name) =>
    contents.filter((entry) => entry.names.has(name)).map((entry) => `${entry.folder}/${name}`),
  );
  return [...new Set(paths)];
}

/** Folders of programs, `PATH` first, then where installers put a Python without touching `PATH`. */
function binFolders(machine: Machine): string[] {
  const { home, env } = machine;
  const below = (folder: string, tail: string): string[] =>
    machine.list(folder).map((name) => `${folder}/${name}${tail}`);
  const uv =
    env['UV_PYTHON_INSTALL_DIR'] ?? `${env['XDG_DATA_HOME'] ?? `${home}/.local/share`}/uv/python`;
  const folders = [
    ...pathFolders(machine),
    ...below(`${env['PYENV_ROOT'] ?? `${home}/.pyenv`}/versions`, '/bin'),
    ...below(uv, '/bin'),
    ...toolCaches(machine).flatMap((cache) =>
      machine
        .list(`${cache}/Python`)
        .flatMap((version) =>
          ['x64', 'arm64'].map((arch) => `${cache}/Python/${version}/${arch}/bin`),
        ),
    ),
    '/usr/bin',
    '/usr/local/bin',
    '/opt/homebrew/bin',
    ...minors.flatMap((minor) =>
      ['/opt/homebrew', '/usr/local', '/home/linuxbrew/.linuxbrew'].map(
        (brew) => `${brew}/opt/python@3.${minor}/bin`,
      ),
    ),
    ...below('/Library/Frameworks/Python.framework/Versions', '/bin'),
    ...below('/opt', '/bin'),
    ...['miniconda3', 'anaconda3', 'miniforge3'].flatMap((conda) => [
      `${home}/${conda}/bin`,
      ...below(`${home}/${conda}/envs`, '/bin'),
    ]),
  ];
  return [...new Set(folders)];
}

interface Answer {
  version: [number, number, number];
  executable: string;
  pip: boolean;
}

function parseAnswer(result: { exitCode: number | null; stdout: string }): Answer | undefined {
  if (result.exitCode !== 0) return undefined;
  let answer: unknown;
  try {
    answer = JSON.parse(result.stdout);
  } catch {
    return undefined;
  }
  if (typeof answer !== 'object' || answer === null) return undefined;
  if (!('version' in answer && 'executable' in answer && 'pip' in answer)) return undefined;
  const { version, executable, pip } = answer;
  if (!Array.isArray(version) || typeof executable !== 'string' || executable === '')
    return undefined;
  const [major, minor, patch] = version.map(Number);
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  return { version: [major, minor, patch], executable, pip: pip === true };
}

function missingPython(machine: Machine, rejected: readonly Rejected[]): string {
  const noPip = rejected.find(({ why }) => why.includes('no pip'));
  const found =
    rejected.length === 0
      ? ['Found no Python at all.']
      : ['Found:', ...rejected.map(({ path, why }) => `  ${path} ${why}`)];
  const install =
    machine.platform === 'darwin'
      ? '  macOS:          brew install python@3.11'
      : '  Debian, Ubuntu: sudo apt-get install python3.11 python3-pip (or any of 3.8 to 3.11)';
  return [
    'Local Spark needs a Python from 3.8 to 3.11 with pip (3.11 is what Fabric runtime 1.3 has), and there is none.',
    ...found,
    'Any one of these mends it:',
    ...(noPip === undefined ? [] : [`  pip for it:     ${noPip.path} -m ensurepip`]),
    install,
    '  pyenv:          pyenv install 3.11',
    "  GitHub Actions: uses: actions/setup-python with python-version: '3.11'",
  ].join('\n');
}
