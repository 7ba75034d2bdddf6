/** Tests mirror the sources path for path; TypeScript is stripped by swc, types are checked by `npm run typecheck`. */
module.exports = {
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: '<rootDir>/tests/support/node-environment.cjs',
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  // What the Functions host's worker supplies to @azure/functions; the local host's stands in for it.
  moduleNameMapper: { '^@azure/functions-core$': '<rootDir>/local/functions-core.ts' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
    ],
    '^.+\\.cjs$': ['@swc/jest', { jsc: { target: 'es2023' }, module: { type: 'commonjs' } }],
  },
  // PGlite imports Node's modules while it runs, which Jest's realm cannot; as CommonJS it requires them.
  transformIgnorePatterns: ['/node_modules/(?!@electric-sql/pglite/)'],
  testTimeout: 30_000,
  maxWorkers: 2,
};
