import base from './jest.config.js';

/** `npm run test:tables`: what needs real Spark, Delta Lake and a reader of its tables that is not Spark. */
export default { ...base, testMatch: ['<rootDir>/__tests__/tables/**/*.slow.ts'], maxWorkers: 1 };
