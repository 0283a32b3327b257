import { MissingToolError, pathFolders, toolCaches, type Machine } from './machine.ts';

export interface Java {
  /** The value for `JAVA_HOME`, as that Java itself tells it. */
  home: string;
  /** For example `17.0.15`. */
  version: string;
}

/** Spark 3.5 runs on Java 8, 11 and 17; Fabric runtime 1.3 has 11, and 17 starts quicker. */
const majors = ['17', '11'];

/**
 * A Java 17 or 11 of this machine. A `JAVA_HOME` that fits is taken as the user's choice; then
 * 17 before 11 among the folders where installers and runners put them. Each is run and asked.
 * @throws MissingToolError that lists what was found and says how to get a fitting one.
 */
export async function findJava(machine: Machine): Promise<Java> {
  const rejected: string[] = [];
  const fitting: { java: Java; major: string }[] = [];
  const seen = new Set<string>();
  const chosen = machine.env['JAVA_HOME'];
  for (const home of await candidates(machine)) {
    const java = await ask(machine, home);
    if (java === undefined) {
      if (home === chosen) rejected.push(`  ${home} (JAVA_HOME) has no bin/java that runs`);
      continue;
    }
    if (seen.has(java.home)) continue;
    seen.add(java.home);
    const major = /^\d+/.exec(java.version)?.[0] ?? '';
    if (!majors.includes(major)) {
      rejected.push(`  ${java.home} is Java ${java.version}`);
      continue;
    }
    if (home === chosen || major === majors[0]) return java;
    fitting.push({ java, major });
  }
  const best = fitting[0];
  if (best !== undefined) return best.java;
  throw new MissingToolError(missingJava(machine, rejected));
}

/** Folders that may be a Java home; those named after a fitting version first, `JAVA_HOME` before all. */
async function candidates(machine: Machine): Promise<string[]> {
  const { env, home } = machine;
  const below = (folder: string, tail = ''): string[] =>
    machine.list(folder).map((name) => `${folder}/${name}${tail}`);
  const ofRunner = majors.flatMap((major) =>
    ['X64', 'ARM64', 'arm64'].map((arch) => env[`JAVA_HOME_${major}_${arch}`]),
  );
  const installed = [
    ...below('/usr/lib/jvm'),
    ...below('/usr/java'),
    ...below('/Library/Java/JavaVirtualMachines', '/Contents/Home'),
    ...below(`${home}/Library/Java/JavaVirtualMachines`, '/Contents/Home'),
    ...below(`${env['SDKMAN_DIR'] ?? `${home}/.sdkman`}/candidates/java`),
    ...below(`${home}/.jdks`),
    ...majors.flatMap((major) =>
      ['/opt/homebrew', '/usr/local', '/home/linuxbrew/.linuxbrew'].map(
        (brew) => `${brew}/opt/openjdk@${major}`,
      ),
    ),
    ...toolCaches(machine).flatMap((cache) =>
      machine
        .list(cache)
        .filter((name) => name.startsWith('Java_'))
        .flatMap((name) =>
          machine
            .list(`${cache}/${name}`)
            .flatMap((version) =>
              ['x64', 'arm64'].map((arch) => `${cache}/${name}/${version}/${arch}`),
            ),
        ),
    ),
    ...below('/opt'),
  ].filter((folder) => machine.list(`${folder}/bin`).includes('java'));
  const likely = (folder: string): number => {
    const index = majors.findIndex((major) =>
      new RegExp(`\\b(jdk|java)?-?${major}\\b`).test(folder),
    );
    return index === -1 ? majors.length : index;
  };
  installed.sort((a, b) => likely(a) - likely(b));
  const onPath = pathFolders(machine)
    .filter((folder) => machine.list(folder).includes('java'))
    .map((folder) => folder.replace(/\/bin$/, ''));
  const folders = [
    env['JAVA_HOME'],
    ...ofRunner,
    ...(await ofMacOs(machine)),
    ...installed,
    ...onPath,
  ].flatMap((folder) => folder || []);
  return [...new Set(folders)];
}

async function ofMacOs(machine: Machine): Promise<string[]> {
  if (machine.platform !== 'darwin') return [];
  const homes: string[] = [];
  for (const major of majors) {
    const result = await machine.run('/usr/libexec/java_home', ['-v', major]);
    if (result.exitCode === 0) homes.push(result.stdout.trim());
  }
  return homes;
}

/** `-XshowSettings` prints the properties of the running Java, so that links and stubs are seen through. */
async function ask(machine: Machine, home: string): Promise<Java | undefined> {
  const result = await machine.run(`${home}/bin/java`, ['-XshowSettings:properties', '-version']);
  if (result.exitCode !== 0) return undefined;
  const property = (name: string): string | undefined =>
    new RegExp(`^\\s*${name.replaceAll('.', '\\.')} = (.*)$`, 'm').exec(result.stderr)?.[1]?.trim();
  const version = property('java.version');
  const ownHome = property('java.home');
  return version === undefined || ownHome === undefined ? undefined : { home: ownHome, version };
}

function missingJava(machine: Machine, rejected: readonly string[]): string {
  const install =
    machine.platform === 'darwin'
      ? '  macOS:          brew install openjdk@17'
      : '  Debian, Ubuntu: sudo apt-get install openjdk-17-jre-headless';
  return [
    'Local Spark needs Java 17 or 11, and there is none.',
    ...(rejected.length === 0 ? ['Found no Java at all.'] : ['Found:', ...rejected]),
    'Any one of these mends it:',
    install,
    '  installed already: set JAVA_HOME to its folder',
    "  GitHub Actions: uses: actions/setup-java with distribution: temurin, java-version: '17'",
  ].join('\n');
}
