import { expect, test } from '@jest/globals';
import { announcement } from '../../../src/job/announce.ts';
import { settingNames } from '../../../src/job/setting-names.ts';
import { reading } from '../inputs/source.ts';

test('settings are told by their names, as the inputs have them, without a value', () => {
  const names = settingNames({
    conf: { 'spark.my.password': 's3cret' },
    sizing: { driverMemory: '56g', numExecutors: 2 },
    environment: 'team environment',
  });
  expect(names).toEqual(['spark.my.password', 'driver-memory', 'num-executors', 'environment']);
  expect(settingNames({ conf: {}, sizing: {}, environment: undefined })).toEqual([]);
});

test('the first lines of the log call them the same', () => {
  const lines = announcement(
    reading({ 'driver-memory': '56g', conf: 'spark.my.password=s3cret', environment: 'team' }),
  );
  expect(lines.find((line) => line.startsWith('Settings:'))).toMatch(
    /^Settings: {4}spark\.my\.password, driver-memory \(/,
  );
  expect(lines).toContain('Environment: team');
  expect(lines.join('\n')).not.toContain('s3cret');
});
