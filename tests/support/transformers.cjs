/** Stands for @xenova/transformers in every realm, see node-environment.cjs. */
module.exports = globalThis.loadTransformers();
