const { TestEnvironment } = require('jest-environment-node');

/** Jest gives every test file a realm of its own; ONNX accepts typed arrays of the outer realm only, so those are shared. */
module.exports = class NodeEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { Float32Array, BigInt64Array, Uint8Array });
  }
};
