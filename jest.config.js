export default {
  testEnvironment: 'node',
  // Many tests wait for processes: all cores, where jest would leave one out.
  maxWorkers: '100%',
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'json'],
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
  coverageReporters: ['text'],
  reporters: ['default', '<rootDir>/scripts/closing-line.js'],
  // A machine that is busy with other work is slow, and no test is about that.
  testTimeout: 60_000,
  clearMocks: true,
};
