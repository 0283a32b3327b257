import { expect, test } from '@jest/globals';
import { settingNames } from '../../../src/job/setting-names.ts';

test('settings are told by their names, as the inputs have them, without a value', () => {
  const names = settingNames({
    conf: { 'spark.my.password': 's3cret' },
    sizing: { driverMemory: '56g', numExecutors: 2 },
    environment: 'team environment',
  });
  expect(names).toEqual(['spark.my.password', 'driver-memory', 'num-executors', 'environment']);
  expect(settingNames({ conf: {}, sizing: {}, environment: undefined })).toEqual([]);
});
