const { rmSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

// Each test's Postgres is new WebAssembly, gone before optimising it would pay: without that it takes a seventh off the suite.
setFlagsFromString('--liftoff-only');

// Every test file loads its modules anew. As scripts V8 finds them compiled from the file before, as functions it compiles them again:
// a fifth of the suite. Nothing here imports while it runs, so what Jest gives for that is left out, which would set each script apart.
setFlagsFromString('--no-flush-bytecode');
const { compileFunction, Script } = vm;
vm.compileFunction = (code, names, { parsingContext, ...options }) =>
  parsingContext
    ? new Script(`(function (${names}) {${code}\n})`, { filename: options.filename }).runInContext(parsingContext)
    : compileFunction(code, names, options);

/**
 * Jest gives every test file a realm of its own; ONNX accepts typed arrays of the outer realm only, so those are shared. What is left
 * of a file's databases (see home.ts) is removed with its realm.
 */
module.exports = class NodeEnvironment extends TestEnvironment {
  homes = [];

  async setup() {
    await super.setup();
    Object.assign(this.global, {
      Float32Array,
      BigInt64Array,
      Uint8Array,
      homes: this.homes,
      loadTransformers: () => require('./shared-model.cjs'),
    });
  }

  async teardown() {
    for (const home of this.homes) rmSync(home, { recursive: true, force: true });
    await super.teardown();
  }
};
