import { describe, expect, test } from '@jest/globals';
import { isObject, objectAt } from '../../src/http/json.ts';
import type { ScriptStep } from '../../local/engine/scripted.ts';
import { namesOf, part, watched } from './driver-logs.ts';

/** Midday is the start; the first roll is of hour 12, those of the second hour share a name. */
const rolls: ScriptStep[] = [
  { at: 1, stdout: 'first ', stderr: 'err ' },
  { at: 60, roll: 'stdout', stdout: 'second ' },
  { at: 3_600, roll: 'stdout', stdout: 'third ' },
  { at: 3_601, roll: 'stdout' },
  { at: 3_602, stdout: 'fourth' },
];

describe('a roll', () => {
  test('gives the closed file the name of the hour, and the plain name to what follows', async () => {
    const { on, file } = await watched(rolls);
    on.pass(59);
    expect((await file('stdout')).text).toBe('first ');
    expect((await file('stdout-2026-01-15-12')).status).toBe(404);
    on.pass(1);
    expect((await file('stdout')).text).toBe('second ');
    expect((await file('stdout-2026-01-15-12')).text).toBe('first ');
    expect((await file('stderr')).text).toBe('err ');
  });

  test('of an hour whose name is taken gets a number', async () => {
    const { on, file } = await watched(rolls);
    on.pass(3_601);
    const whole = await Promise.all(
      ['-12', '-13', '-13-2'].map(async (end) => (await file(`stdout-2026-01-15${end}`)).text),
    );
    expect(whole).toEqual(['first ', 'second ', 'third ']);
    expect((await file('stdout')).text).toBe('');
  });

  test('leaves offsets to count in each file', async () => {
    const { on, file } = await watched(rolls);
    on.pass(3_602);
    expect((await file('stdout', { query: part(2, 3) })).text).toBe('urt');
    expect((await file('stdout-2026-01-15-12', { query: part(2, 9) })).text).toBe('rst ');
  });

  test('can take the plain name away from the current file', async () => {
    const { on, file, list } = await watched(rolls, { driverLog: { activeName: 'active' } });
    on.pass(59);
    expect((await file('stdout')).text).toBe('first ');
    expect((await file('stdout-active')).status).toBe(404);
    on.pass(1);
    expect((await file('stdout')).status).toBe(404);
    expect((await file('stdout-active')).text).toBe('second ');
    expect((await file('stderr')).text).toBe('err ');
    expect(namesOf(await list())).toEqual(['stderr', 'stdout-2026-01-15-12', 'stdout-active']);
  });

  test('that is due after a cancel took effect does not happen', async () => {
    const { on, list } = await watched(rolls);
    on.fabric.batches[0]?.cancel();
    on.pass(3_600);
    expect(namesOf(await list())).toEqual(['stderr', 'stdout']);
  });
});

describe('the list of files', () => {
  test('tells of each its length and times', async () => {
    const { on, list } = await watched(rolls);
    on.pass(60);
    const { json } = await list('&filenamePrefix=stdout');
    expect(json).toMatchObject({
      containerLogMeta: [
        {
          fileName: 'stdout',
          length: 7,
          creationTime: '2026-01-15T12:01:00.000GMT',
          lastModified: '2026-01-15T12:01:00.000GMT',
        },
        {
          fileName: 'stdout-2026-01-15-12',
          length: 6,
          creationTime: '2026-01-15T12:00:00.000GMT',
          lastModified: '2026-01-15T12:01:00.000GMT',
          metaData: {},
        },
      ],
    });
    for (const field of ['containerId', 'nodeId'])
      expect(isObject(json) && typeof json[field] === 'string').toBe(true);
  });

  test('comes in pages and by prefix', async () => {
    const { on, list } = await watched(rolls);
    on.pass(3_602);
    const all = [
      'stderr',
      'stdout',
      ...['12', '13', '13-2'].map((end) => `stdout-2026-01-15-${end}`),
    ];
    expect(namesOf(await list())).toEqual(all);
    expect(namesOf(await list('&filenamePrefix=std'))).toEqual(all);
    expect(namesOf(await list('&filenamePrefix=stderr'))).toEqual(['stderr']);
    expect(namesOf(await list('&offset=1&maxResults=2'))).toEqual(all.slice(1, 3));
    expect(namesOf(await list('&filenamePrefix=stdout&offset=3'))).toEqual(all.slice(4));
    expect(namesOf(await list('&offset=20000'))).toEqual([]);
  });

  test.each(['&offset=20001', '&maxResults=0', '&maxResults=3001', '&offset=x'])(
    'refuses %s',
    async (query) => {
      const { on, list } = await watched(rolls);
      on.pass(60);
      expect((await list(query)).status).toBe(400);
    },
  );

  test('is metadata only', async () => {
    const { on, logs } = await watched(rolls);
    on.pass(60);
    expect((await logs('type=rollingdriver')).status).toBe(400);
  });

  test('may be missing', async () => {
    const { on, list, file } = await watched(rolls, { driverLog: { rollingServed: false } });
    on.pass(60);
    expect((await list()).status).toBe(404);
    expect((await file('stdout-2026-01-15-12')).text).toBe('first ');
  });
});

test('metadata of a rolled file by its name', async () => {
  const { on, file } = await watched(rolls);
  on.pass(60);
  const { json } = await file('stdout-2026-01-15-12', { query: 'meta=true' });
  expect(objectAt(json, 'containerLogMeta')).toMatchObject({
    fileName: 'stdout-2026-01-15-12',
    length: 6,
  });
});

test('offsets that never count: the whole file each time', async () => {
  const { on, file } = await watched(rolls, { driverLog: { offsetsServed: false } });
  on.pass(60);
  expect((await file('stdout', { query: part(3, 1) })).text).toBe('second ');
  expect((await file('stdout-2026-01-15-12', { query: part(3, 1) })).text).toBe('first ');
});

test('what the log API does can be changed while it runs', async () => {
  const { on, file, list } = await watched(rolls);
  on.pass(60);
  expect((await list()).status).toBe(200);
  const { settings } = on.fabric;
  settings.driverLog = { ...settings.driverLog, rollingServed: false, activeName: 'active' };
  expect((await list()).status).toBe(404);
  expect((await file('stdout-active')).text).toBe('second ');
});

test.each(['stdin', 'stdout/../livy', 'livy', ''])('a file that is none: %p', async (name) => {
  const { on, file } = await watched(rolls);
  on.pass(60);
  expect((await file(encodeURIComponent(name))).status).toBe(400);
});
