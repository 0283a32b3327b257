import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseDemoCommand } from '../../local/demo/command-line.ts';
import { planDemo } from '../../local/demo/plan.ts';

const known = ['file', 'args', 'workspace', 'py-files', 'results', 'conf'];

describe('the command line of the demo', () => {
  test('has no job by default', () => {
    expect(parseDemoCommand([], known)).toEqual({ help: false, jobs: [] });
    expect(parseDemoCommand(['--keep', 'out'], known)).toEqual({
      help: false,
      keep: 'out',
      jobs: [],
    });
  });

  test.each(['--help', '-h'])('%s asks for help', (word) => {
    expect(parseDemoCommand(['--seed', 'data', word, 'x'], known)).toMatchObject({ help: true });
  });

  test('leaves what stands behind a job to it, options too', () => {
    const words = ['--seed=data', 'job.py', '--seed', '7', '--help', '', 'a=b'];
    expect(parseDemoCommand(words, known)).toEqual({
      help: false,
      seed: 'data',
      jobs: [{ path: 'job.py', args: ['--seed', '7', '--help', '', 'a=b'], inputs: {} }],
    });
  });

  test('has jobs one after the other, whose inputs hold until they are given anew', () => {
    const words = [
      ...['--input', 'py-files=lib/a.py', '--input=py-files=lib/b.py', 'one.py', '1'],
      ...['--then', '--input', 'conf=spark.x=1=2', 'two.py'],
      ...['--then', '--input', 'py-files=', 'three.py', '3', '4'],
    ];
    expect(parseDemoCommand(words, known).jobs).toEqual([
      { path: 'one.py', args: ['1'], inputs: { 'py-files': 'lib/a.py\nlib/b.py' } },
      {
        path: 'two.py',
        args: [],
        inputs: { 'py-files': 'lib/a.py\nlib/b.py', conf: 'spark.x=1=2' },
      },
      { path: 'three.py', args: ['3', '4'], inputs: { 'py-files': '', conf: 'spark.x=1=2' } },
    ]);
  });

  test.each<[string[], RegExp]>([
    [['--sead', 'job.py'], /no option --sead/],
    [['--seed'], /--seed needs a value/],
    [['--seed', 'data'], /No job is named/],
    [['--on', 'state'], /No job is named/],
    [['--on', 'a', '--keep', 'b', 'job.py'], /leave --keep out/],
    [['--then', 'job.py'], /No job stands before --then/],
    [['job.py', '--then'], /No job stands behind --then/],
    [['job.py', '--then', '--keep', 'x', 'two.py'], /--keep holds for all jobs/],
    [['--input', 'results', 'job.py'], /NAME=VALUE, not results/],
    [['--input', 'py-file=a', 'job.py'], /no input py-file\. It has: py-files, results, conf\./],
    [['--input', 'file=a.py', 'job.py'], /stands on the command line/],
    [['--input', 'workspace=w', 'job.py'], /workspace analytics/],
  ])('%j is wrong', (words, problem) => {
    expect(() => parseDemoCommand(words, known)).toThrow(problem);
  });

  test('tells of all that is wrong at once, and of the help', () => {
    expect(() => parseDemoCommand(['--x', '--input', 'y', 'job.py', '--then'], known)).toThrow(
      /--x[\s\S]*NAME=VALUE[\s\S]*behind --then[\s\S]*npm run demo -- --help/,
    );
  });
});

describe('the paths of a command', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'demo-plan-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function file(path: string): string {
    const whole = join(folder, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, '');
    return whole;
  }

  const command = (path: string): Parameters<typeof planDemo>[0] => ({
    help: false,
    jobs: [{ path, args: ['1'], inputs: {} }],
  });

  test('a job belongs to the nearest checkout above it, wherever the command was called', () => {
    file('repo/.git/HEAD');
    file('repo/jobs/deep/job.py');
    const job = { checkout: join(folder, 'repo'), file: 'jobs/deep/job.py', args: ['1'] };
    expect(planDemo(command('repo/jobs/deep/job.py'), folder).jobs).toMatchObject([job]);
    expect(planDemo(command('job.py'), join(folder, 'repo/jobs/deep')).jobs).toMatchObject([job]);
  });

  test('without a checkout it is the folder of the call, or the one of the job', () => {
    const job = file('a/jobs/job.py');
    file('b/x');
    expect(planDemo(command('jobs/job.py'), join(folder, 'a')).jobs).toMatchObject([
      { checkout: join(folder, 'a'), file: 'jobs/job.py' },
    ]);
    expect(planDemo(command(job), join(folder, 'b')).jobs).toMatchObject([
      { checkout: join(folder, 'a/jobs'), file: 'job.py' },
    ]);
  });

  test('Files/ of a checkout is not the one of the lakehouse', () => {
    file('Files/job.py');
    expect(planDemo(command('Files/job.py'), folder).jobs).toMatchObject([
      { file: './Files/job.py' },
    ]);
  });

  test('are all looked for before anything starts', () => {
    file('used/notes.txt');
    const all = { ...command('none.py'), seed: 'used/notes.txt', keep: 'used' };
    expect(() => planDemo(all, folder)).toThrow(
      /no file none\.py[\s\S]*no folder used\/notes\.txt[\s\S]*used holds something else/,
    );
  });

  test('lakehouse and logs may be kept in a new folder, an empty one, and one of an earlier call', () => {
    mkdirSync(join(folder, 'empty'));
    mkdirSync(join(folder, 'earlier/fabric/lakehouses'), { recursive: true });
    for (const keep of ['new', 'empty', 'earlier'])
      expect(planDemo({ help: false, jobs: [], keep }, folder).keep).toBe(join(folder, keep));
  });
});
