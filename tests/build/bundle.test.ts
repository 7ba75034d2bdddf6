import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bundleFunctions } from '../../local/bundle';
import { loadFunctions } from '../../local/load-functions';
import { shippedPath } from '../../shared/config/shipped-files';

/** Loads the bundle as the worker of the Functions host does, and prints what it registers and what it took along. */
const worker = `
  const Module = require('node:module');
  const registered = [];
  let start;
  const core = {
    setProgrammingModel() {},
    registerHook(name, run) { if (name === 'appStart') start = run; },
    log() {},
    registerFunction({ name, bindings }) {
      registered.push({ name, trigger: Object.values(bindings).find(({ direction }) => direction === 'in') });
    },
  };
  const load = Module.prototype.require;
  Module.prototype.require = function (id) { return id === '@azure/functions-core' ? core : load.call(this, id); };
  const started = performance.now();
  require(process.argv[1]);
  const loadMs = performance.now() - started;
  const files = Object.keys(require.cache);
  process.on('exit', () => process.stdout.write(JSON.stringify({ registered, files, loadMs })));
  if (process.env.APPLICATIONINSIGHTS_CONNECTION_STRING) start({});
`;

describe('the bundle', () => {
  mkdirSync(shippedPath('dist'), { recursive: true });
  const folder = mkdtempSync(shippedPath('dist', 'test-'));
  const bundle = path.join(folder, 'keepsake.js');
  afterAll(() => rmSync(folder, { recursive: true }));

  let loaded: { registered: unknown[]; files: string[]; loadMs: number };
  beforeAll(async () => {
    await bundleFunctions(shippedPath('functions'), bundle);
    // Without settings, from another folder, and out of reach of what tests load: by itself.
    const output = execFileSync(process.execPath, ['-e', worker, bundle], { cwd: '/', env: {}, encoding: 'utf8' });
    loaded = JSON.parse(output);
  });

  it('registers what the sources register', () => {
    const sources = loadFunctions(shippedPath('functions'));
    expect(loaded.registered).toEqual(
      sources.map(({ name, trigger }) => JSON.parse(JSON.stringify({ name, trigger }))),
    );
    expect(loaded.registered.length).toBeGreaterThan(0);
  });

  it('loads neither model, database nor another package before it is asked something, and ends by itself', () => {
    expect(loaded.files).toEqual([bundle]);
  });

  it('has telemetry beside it, which begins as the app does, where it is set up', () => {
    const APPLICATIONINSIGHTS_CONNECTION_STRING =
      'InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=https://127.0.0.1:1/';
    const env = { APPLICATIONINSIGHTS_CONNECTION_STRING };
    const output = execFileSync(process.execPath, ['-e', worker, bundle], { cwd: '/', env, encoding: 'utf8' });
    expect(output).toContain('{"level":"info","event":"telemetry started"}\n');
  });
});
