import { describe, expect, test } from '@jest/globals';
import { findPython } from '../../local/spark/python.ts';
import { python, toldMachine } from './machine.ts';

describe('findPython', () => {
  test('prefers 3.11 to an older one that comes first on PATH', async () => {
    const machine = toldMachine(
      {
        '/usr/local/bin/python3': python('3.9.2', '/usr/local/bin/python3'),
        '/usr/bin/python3.11': python('3.11.2', '/usr/bin/python3.11'),
      },
      { env: { PATH: '/usr/local/bin:/usr/bin' } },
    );
    await expect(findPython(machine)).resolves.toEqual({
      executable: '/usr/bin/python3.11',
      version: '3.11.2',
    });
  });

  test('sees through a shim that does not run, and finds the version behind it', async () => {
    const machine = toldMachine(
      {
        '/home/ada/.pyenv/shims/python3.11': {
          exitCode: 127,
          stdout: '',
          stderr: 'pyenv: not found',
        },
        '/home/ada/.pyenv/versions/3.13.0/bin/python3': python(
          '3.13.0',
          '/home/ada/.pyenv/versions/3.13.0/bin/python3',
        ),
        '/home/ada/.pyenv/versions/3.10.13/bin/python3': python(
          '3.10.13',
          '/home/ada/.pyenv/versions/3.10.13/bin/python3.10',
        ),
      },
      { env: { PATH: '/home/ada/.pyenv/shims' } },
    );
    await expect(findPython(machine)).resolves.toEqual({
      executable: '/home/ada/.pyenv/versions/3.10.13/bin/python3.10',
      version: '3.10.13',
    });
  });

  test('believes the interpreter, not its name', async () => {
    const machine = toldMachine({
      '/usr/bin/python3.11': python('3.12.1', '/usr/bin/python3.12'),
      '/opt/hostedtoolcache/Python/3.8.18/x64/bin/python3.8': python(
        '3.8.18',
        '/opt/hostedtoolcache/Python/3.8.18/x64/bin/python3.8',
      ),
    });
    await expect(findPython(machine)).resolves.toMatchObject({ version: '3.8.18' });
  });

  test.each([
    ['/home/ada/.local/share/uv/python/cpython-3.11.9-linux-x86_64-gnu/bin/python3.11', 'linux'],
    ['/tools/Python/3.11.9/arm64/bin/python3', 'linux'],
    ['/opt/homebrew/opt/python@3.11/bin/python3.11', 'darwin'],
    ['/opt/python311/bin/python3.11', 'linux'],
  ] as const)('looks where installers put it: %s', async (path, platform) => {
    const machine = toldMachine(
      { [path]: python('3.11.9', path) },
      { platform, env: { PATH: '/bin', RUNNER_TOOL_CACHE: '/tools' } },
    );
    await expect(findPython(machine)).resolves.toEqual({ executable: path, version: '3.11.9' });
  });

  test("an active virtual environment is the user's choice", async () => {
    const machine = toldMachine(
      {
        '/checkout/.venv/bin/python': python('3.10.4', '/checkout/.venv/bin/python'),
        '/usr/bin/python3.11': python('3.11.2', '/usr/bin/python3.11'),
      },
      { env: { PATH: '/usr/bin', VIRTUAL_ENV: '/checkout/.venv' } },
    );
    await expect(findPython(machine)).resolves.toMatchObject({ version: '3.10.4' });
  });

  test('asks no further once 3.11 answers', async () => {
    const machine = toldMachine({
      '/usr/bin/python3.11': python('3.11.2', '/usr/bin/python3.11'),
      '/usr/bin/python3.10': python('3.10.2', '/usr/bin/python3.10'),
    });
    await findPython(machine);
    expect(machine.ran).toEqual(['/usr/bin/python3.11']);
  });

  test('names what it found and how to mend it', async () => {
    const machine = toldMachine({
      '/usr/bin/python3': python('3.13.1', '/usr/bin/python3.13'),
      '/usr/bin/python3.11': python('3.11.2', '/usr/bin/python3.11', false),
    });
    const message = await findPython(machine).catch(String);
    expect(message).toContain('/usr/bin/python3.13 is Python 3.13.1');
    expect(message).toContain('/usr/bin/python3.11 is Python 3.11.2, but has no pip');
    expect(message).toContain('/usr/bin/python3.11 -m ensurepip');
    expect(message).toContain('sudo apt-get install python3.11');
    expect(message).toContain('actions/setup-python');
  });

  test('on a Mac with nothing it says brew', async () => {
    const message = await findPython(toldMachine({}, { platform: 'darwin' })).catch(String);
    expect(message).toContain('Found no Python at all.');
    expect(message).toContain('brew install python@3.11');
  });
});
