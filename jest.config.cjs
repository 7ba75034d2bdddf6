/**
 * What every module gets as parameters: the language's own names, but for Date, which fake timers replace. A package that declares one of
 * them itself would not parse; then that name goes from here.
 */
const builtIns =
  'Array ArrayBuffer BigInt BigInt64Array Boolean DataView Error Float32Array Float64Array Int16Array Int32Array Int8Array JSON Map Math ' +
  'Number Object Promise Proxy Reflect RegExp Set String Symbol TypeError Uint16Array Uint32Array Uint8Array WeakMap WeakSet';

/** Tests mirror the sources path for path; TypeScript is stripped by swc, types are checked by `npm run typecheck`. */
module.exports = {
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: '<rootDir>/tests/support/node-environment.cjs',
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  // What the Functions host's worker supplies to @azure/functions; the local host's stands in for it.
  moduleNameMapper: {
    '^@azure/functions-core$': '<rootDir>/local/functions-core.ts',
    '^@xenova/transformers$': '<rootDir>/tests/support/transformers.cjs',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
    ],
    '^.+\\.cjs$': ['@swc/jest', { jsc: { target: 'es2023' }, module: { type: 'commonjs' } }],
  },
  // PGlite imports Node's modules while it runs, which Jest's realm cannot; as CommonJS it requires them.
  transformIgnorePatterns: ['/node_modules/(?!@electric-sql/pglite/)'],
  // A global of a test's realm is looked up through a proxy at every use: a fifth of the suite's time went into that.
  sandboxInjectedGlobals: builtIns.split(' '),
  testTimeout: 30_000,
  // A worker more than two cores can feed: processes that start, and vendors that are silent, are waited for.
  maxWorkers: 3,
};
