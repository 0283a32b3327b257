import base from './jest.config.js';

/** `npm run test:livy`: the built bundle against a real Apache Livy; apart, since it takes minutes. */
export default {
  ...base,
  maxWorkers: 1,
  testMatch: ['<rootDir>/__tests__/livy/**/*.real.ts'],
};
