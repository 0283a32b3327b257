import { describe, expect, test } from '@jest/globals';
import { rowOf } from '../../../src/job/comment/row.ts';
import { runUrl } from '../../../src/job/place.ts';
import type { RunFacts } from '../../../src/report/facts.ts';
import type { CommentRow } from '../../../src/report/comment/rows.ts';
import { reading, tenantId } from '../inputs/source.ts';

const lakehouseId = '0a0a0a0a-1b1b-2c2c-3d3d-4e4e4e4e4e4e';

function row(
  facts: Partial<RunFacts>,
  inputs: Readonly<Record<string, string>> = {},
  green = false,
): CommentRow {
  const all = reading({ comment: 'always', 'github-token': 't', ...inputs });
  return rowOf(
    {
      ...{ result: 'Failed', submission: 'submitted', file: 'jobs/check.py', requests: 9 },
      workspace: { name: 'w' },
      lakehouse: { name: 'l' },
      runUrl: runUrl(all, lakehouseId, '17'),
      ...facts,
    },
    all,
    {
      ...{ runId: '9', attempt: '1', headSha: undefined, now: 1, green },
      clean: (text) => text.replaceAll('our-secret', '***'),
    },
  );
}

describe('a row holds nothing that only the masker of the runner could hide', () => {
  test('no words of the job, of the service, or of an error', () => {
    const title = 'OperationalError: login failed for hunter2';
    const facts = { errorCode: 'BATCH_FAILED', message: `The job failed.\n${title}` };
    const told = row({ ...facts, rootCause: { title, message: [title], lines: [title] } });
    expect(told.cause).toBe('OperationalError');
    expect(JSON.stringify(told)).not.toContain('hunter2');
    const refused = row({ errorCode: 'REQUEST_REFUSED', message: 'Fabric refused it: hunter2' });
    expect(refused).toMatchObject({ code: 'REQUEST_REFUSED', cause: '' });
    expect(JSON.stringify(refused)).not.toContain('hunter2');
  });

  test('no tenant, and no lakehouse that the inputs name by its id', () => {
    const url = `https://app.fabric.microsoft.com/workloads/de-ds/sparkmonitor/${lakehouseId}/17?experience=fabric-developer`;
    expect(row({}).url).toBe(url);
    expect(JSON.stringify(row({}))).not.toContain(tenantId);
    expect(row({}, { lakehouse: lakehouseId.toUpperCase() }).url).toBe('');
  });

  test('no Livy server, and of a URI its last name', () => {
    const livy = {
      ...{ 'livy-url': 'https://livy.internal:8998', workspace: '', lakehouse: '' },
      ...{ 'client-secret': '', file: 'hdfs://hunter2@namenode/jobs/job.py' },
    };
    const told = row({ file: livy.file }, livy);
    expect(told).toMatchObject({ url: '', file: 'job.py' });
    for (const [uri, file] of [
      ['abfss://hunter2@onelake.dfs.fabric.microsoft.com/l/Files/job.py', 'job.py'],
      ['https://host/job.py?sig=hunter2', 'job.py'],
      ['https://host/job.jar#hunter2', 'job.jar'],
      ['https://hunter2@host', ''],
      ['Files/jobs/job.py', 'Files/jobs/job.py'],
      ['jobs/our-secret.py', 'jobs/***.py'],
    ])
      expect(row({ file: uri ?? '' }).file).toBe(file);
  });
});

test('only a batch that succeeded passes', () => {
  expect(row({ result: 'Succeeded' }, {}, true).ok).toBe(true);
  expect(row({ result: 'Succeeded', errorCode: 'TESTS_FAILED' }, {}, false).ok).toBe(false);
  for (const result of ['Submitted', 'Checked']) expect(row({ result }, {}, true).ok).toBe(false);
});
