import { describe, expect, test } from '@jest/globals';
import { isObject, listAt } from '../../src/http/json.ts';
import type { ScriptStep } from '../../local/engine/scripted.ts';
import { application, namesOf, watched } from './driver-logs.ts';

describe('a new attempt', () => {
  const restarted: ScriptStep[] = [
    { at: 1, stdout: 'one ', stderr: 'lost executor ' },
    { at: 2, roll: 'stdout', stdout: 'more ' },
    { at: 10, restart: true, stdout: 'two ' },
    { at: 11, stderr: 'again' },
    { at: 20, restart: true },
  ];

  test('begins both streams anew, under the same application', async () => {
    const { on, file, session } = await watched(restarted);
    on.pass(9);
    expect((await session()).json).toMatchObject({ attemptNumber: 1 });
    on.pass(2);
    expect((await file('stdout')).text).toBe('two ');
    expect((await file('stderr')).text).toBe('again');
    expect((await session()).json).toMatchObject({
      attemptNumber: 2,
      sparkApplicationId: application,
    });
    on.pass(10);
    expect((await file('stdout')).text).toBe('');
    expect((await session()).json).toMatchObject({ attemptNumber: 3 });
  });

  test('leaves the files of those before it to be read by their number', async () => {
    const { on, file, list } = await watched(restarted);
    on.pass(20);
    const read = async (name: string, attempt: number) => (await file(name, { attempt })).text;
    expect(await read('stdout-2026-01-15-12', 1)).toBe('one ');
    expect(await read('stdout', 1)).toBe('more ');
    expect(await read('stderr', 1)).toBe('lost executor ');
    expect(await read('stdout', 2)).toBe('two ');
    expect(await read('stderr', 2)).toBe('again');
    expect(namesOf(await list('', 1))).toEqual(['stderr', 'stdout', 'stdout-2026-01-15-12']);
    expect(namesOf(await list('', 2))).toEqual(['stderr', 'stdout']);
    expect((await file('stdout', { attempt: 4 })).status).toBe(404);
    expect((await file('stdout', { attempt: 0 })).status).toBe(404);
  });

  test('has its plain file again, whatever the one before it was called', async () => {
    const { on, file } = await watched(restarted, { driverLog: { activeName: 'active' } });
    on.pass(10);
    expect((await file('stdout')).text).toBe('two ');
    expect((await file('stdout', { attempt: 1 })).status).toBe(404);
    expect((await file('stdout-active', { attempt: 1 })).text).toBe('more ');
  });

  test('can come with a roll: the roll is of the attempt that ends', async () => {
    const { on, list } = await watched([
      { at: 1, stdout: 'one' },
      { at: 2, roll: 'stdout', restart: true, stdout: 'two' },
    ]);
    on.pass(2);
    const lengths = async (attempt: number) =>
      listAt((await list('&filenamePrefix=stdout', attempt)).json, 'containerLogMeta').map(
        (file) => (isObject(file) ? [file['fileName'], file['length']] : []),
      );
    expect(await lengths(1)).toEqual([
      ['stdout', 0],
      ['stdout-2026-01-15-12', 3],
    ]);
    expect(await lengths(2)).toEqual([['stdout', 3]]);
  });
});
