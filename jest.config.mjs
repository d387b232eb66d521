/** One configuration for every suite; `scripts/test.mjs` chooses the folders. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testMatch: ['<rootDir>/(apps|libs|projections|test)/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  maxWorkers: 2,
  // The first suite that asks for Postgres waits for its initdb, several seconds on a busy machine.
  testTimeout: 30_000,
  globalSetup: '<rootDir>/test/support/components/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/components/global-teardown.mjs',
};
