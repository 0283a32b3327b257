import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { readActionFile } from '../../../local/runner/action-file.ts';
import { StepError } from '../../../src/errors.ts';
import { readInputs, type Inputs } from '../../../src/inputs.ts';
import { parseLivyUrl, withoutMeaning } from '../../../src/inputs/apache-livy.ts';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

const happy = { 'livy-url': 'http://livy.example:8998', file: 'hdfs:///jobs/main.py' };

function read(given: Readonly<Record<string, string>>): Inputs {
  return readInputs({ input: (name) => given[name] ?? '', env: () => undefined });
}

function problems(given: Readonly<Record<string, string>>): string[] {
  try {
    read(given);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof StepError) || thrown.code !== 'INPUT_INVALID') throw thrown;
    return thrown.message.split('\n').filter((line) => line.startsWith('- '));
  }
}

describe('livy-url', () => {
  test('stands in place of workspace, lakehouse and a sign-in', () => {
    expect(read(happy)).toMatchObject({
      livyUrl: 'http://livy.example:8998',
      job: { main: { kind: 'uri', uri: 'hdfs:///jobs/main.py' }, shown: 'hdfs:///jobs/main.py' },
    });
  });

  test('is http or https, may have a path, and holds no password, query or fragment', () => {
    expect(parseLivyUrl('http://10.0.0.7:8998/')).toEqual({ value: 'http://10.0.0.7:8998' });
    expect(parseLivyUrl('https://gate.example/livy//')).toEqual({
      value: 'https://gate.example/livy',
    });
    for (const bad of ['livy.example:8998', 'ftp://x', 'http://h?x=1', 'http://h#x', 'nothing'])
      expect(parseLivyUrl(bad)).toHaveProperty('problem');
    const password = parseLivyUrl('http://user:pa55word@h');
    expect(password).toHaveProperty('problem');
    expect(JSON.stringify(password)).not.toContain('pa55word');
  });

  test('what has no meaning there is told, all of it at once, each with its reason', () => {
    const set = Object.fromEntries(Object.keys(withoutMeaning).map((name) => [name, 'true']));
    const given = {
      ...set,
      'fabric-endpoint': 'https://x.fabric.microsoft.com',
      'onelake-endpoint': 'https://x.fabric.microsoft.com',
      'authority-host': 'https://login.microsoftonline.us',
      'portal-url': 'https://x.fabric.microsoft.com',
      'on-rerun': 'attach',
      'upload-path': 'Files/other',
      'output-file': 'Files/out.json',
      results: 'Files/out/*.xml',
    };
    const told = problems({ ...happy, ...given, logs: 'stderr' });
    for (const name of [...Object.keys(withoutMeaning), 'logs'])
      expect(told.filter((line) => line.startsWith(`- ${name} `))).toHaveLength(1);
    expect(told).toHaveLength(Object.keys(withoutMeaning).length + 1);
    for (const line of told) expect(line).toMatch(/has no meaning with livy-url: .{10}/);
  });

  test('comment has one there as well', () => {
    expect(read({ ...happy, comment: 'always', 'github-token': 't' }).comment).toBe('always');
  });

  test('sweep has none', () => {
    const told = problems({ ...happy, file: '', operation: 'sweep', 'github-token': 't' });
    expect(told).toEqual([expect.stringMatching(/^- operation .*no meaning with livy-url/)]);
  });

  test('the defaults of action.yml count as not given, and are those of the list', () => {
    const { inputs } = readActionFile(root);
    const declared = Object.fromEntries(inputs.map((one) => [one.name, one.default]));
    const ofAction = Object.fromEntries(
      Object.entries(declared).filter(([, text]) => !text.includes('${{')),
    );
    expect(read({ ...ofAction, ...happy }).livyUrl).toBe('http://livy.example:8998');
    for (const [name, [, unset = '']] of Object.entries(withoutMeaning))
      expect([name, declared[name] ?? '']).toEqual([name, unset]);
  });

  test('file and the lists are what the server knows, and nothing of the checkout', () => {
    const lists = {
      'py-files': '/libs/a b.zip\ns3a://b/c.py',
      jars: 'hdfs:/x.jar',
      files: '/data/x.json#y',
      archives: 'https://h/env.tgz#env',
    };
    expect(read({ ...happy, file: '/jobs/x.R', ...lists }).job).toMatchObject({
      main: { kind: 'uri', uri: '/jobs/x.R' },
      libraries: {
        'py-files': [
          { kind: 'uri', uri: '/libs/a b.zip' },
          { kind: 'uri', uri: 's3a://b/c.py' },
        ],
        jars: [{ kind: 'uri', uri: 'hdfs:/x.jar' }],
        files: [{ kind: 'uri', uri: '/data/x.json#y' }],
        archives: [{ kind: 'uri', uri: 'https://h/env.tgz#env' }],
      },
    });
    const told = problems({ ...happy, file: 'jobs/main.py', jars: 'lib/x.jar\nC:\\y.jar' });
    expect(told).toHaveLength(2);
    expect(told.join('\n')).toMatch(/jobs\/main\.py[\s\S]*lib\/x\.jar[\s\S]*y\.jar/);
    expect(problems({ 'livy-url': 'http://h' })).toEqual(['- file is required.']);
  });

  test('one that is wrong is told without a word about Fabric', () => {
    expect(problems({ ...happy, 'livy-url': 'h:8998' })).toHaveLength(1);
    expect(problems({ ...happy, 'livy-url': '::' })).toHaveLength(1);
  });
});
