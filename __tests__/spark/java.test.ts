import { describe, expect, test } from '@jest/globals';
import { findJava } from '../../local/spark/java.ts';
import { java, toldMachine } from './machine.ts';

describe('findJava', () => {
  test('takes a JAVA_HOME that fits, though a 17 is there', async () => {
    const machine = toldMachine(
      {
        '/jdk11/bin/java': java('11.0.22', '/jdk11'),
        '/usr/lib/jvm/java-17-openjdk-amd64/bin/java': java(
          '17.0.9',
          '/usr/lib/jvm/java-17-openjdk-amd64',
        ),
      },
      { env: { PATH: '/usr/bin', JAVA_HOME: '/jdk11' } },
    );
    await expect(findJava(machine)).resolves.toEqual({ home: '/jdk11', version: '11.0.22' });
  });

  test('passes over a JAVA_HOME of another version', async () => {
    const machine = toldMachine(
      {
        '/jdk25/bin/java': java('25.0.1', '/jdk25'),
        '/usr/lib/jvm/java-11-openjdk/bin/java': java('11.0.2', '/usr/lib/jvm/java-11-openjdk'),
        '/usr/lib/jvm/java-17-openjdk/bin/java': java('17.0.9', '/usr/lib/jvm/java-17-openjdk'),
      },
      { env: { PATH: '/usr/bin', JAVA_HOME: '/jdk25' } },
    );
    await expect(findJava(machine)).resolves.toMatchObject({ version: '17.0.9' });
  });

  test("takes what a GitHub runner's image names", async () => {
    const home = '/runner/jdk/17/x64';
    const machine = toldMachine(
      {
        [`${home}/bin/java`]: java('17.0.10', home),
        '/usr/bin/java': java('21.0.1', '/usr/lib/jvm/21'),
      },
      { env: { PATH: '/usr/bin', JAVA_HOME_17_X64: home } },
    );
    await expect(findJava(machine)).resolves.toEqual({ home, version: '17.0.10' });
  });

  test('learns the home of a java on PATH from that java', async () => {
    const machine = toldMachine({ '/usr/bin/java': java('17.0.9', '/somewhere/jdk') });
    await expect(findJava(machine)).resolves.toEqual({ home: '/somewhere/jdk', version: '17.0.9' });
  });

  test.each([
    ['/opt/homebrew/opt/openjdk@17', 'darwin'],
    ['/Library/Java/JavaVirtualMachines/temurin-17.jdk/Contents/Home', 'darwin'],
    ['/home/ada/.sdkman/candidates/java/17.0.9-tem', 'linux'],
    ['/opt/hostedtoolcache/Java_Temurin-Hotspot_jdk/17.0.9-9/x64', 'linux'],
  ] as const)('looks where installers put it: %s', async (home, platform) => {
    const machine = toldMachine({ [`${home}/bin/java`]: java('17.0.9', home) }, { platform });
    await expect(findJava(machine)).resolves.toEqual({ home, version: '17.0.9' });
  });

  test('asks macOS', async () => {
    const machine = toldMachine(
      {
        '/usr/libexec/java_home -v 17': { exitCode: 0, stdout: '/mac/jdk\n', stderr: '' },
        '/mac/jdk/bin/java': java('17.0.9', '/mac/jdk'),
      },
      { platform: 'darwin' },
    );
    await expect(findJava(machine)).resolves.toMatchObject({ home: '/mac/jdk' });
  });

  test('names what it found and how to mend it', async () => {
    const machine = toldMachine(
      { '/usr/bin/java': java('21.0.1', '/usr/lib/jvm/java-21') },
      { env: { PATH: '/usr/bin', JAVA_HOME: '/gone' } },
    );
    const message = await findJava(machine).catch(String);
    expect(message).toContain('/gone (JAVA_HOME) has no bin/java that runs');
    expect(message).toContain('/usr/lib/jvm/java-21 is Java 21.0.1');
    expect(message).toContain('apt-get install openjdk-17');
    expect(message).toContain('actions/setup-java');
  });
});
