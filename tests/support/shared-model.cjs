/**
 * @xenova/transformers for the tests of one worker process, outside of their realms: the model is loaded once (0.5 s) and not by every
 * file, and a pass of the same tokens is computed once. The model is the real one, and what it answers is what it would answer.
 */
const transformers = require('@xenova/transformers');

/** 60 KB each at the mean. */
const keptPasses = 2000;

/** A model whose passes are kept: the same tokens in the same order give the same bits. Nobody writes into them. */
function keepPasses(network) {
  const passes = new Map();
  return (inputs) => {
    const key = Object.values(inputs)
      .map(({ dims, data }) => `${dims}:${data}`)
      .join();
    if (!passes.has(key)) {
      if (passes.size === keptPasses) passes.clear();
      const pass = network(inputs);
      passes.set(key, pass);
      pass.catch(() => passes.delete(key));
    }
    return passes.get(key);
  };
}

const loaded = new Map();

/** What a loader makes from this name in the folder that is set, made once; a failure is not kept. */
const once = (loader, finish) => ({
  from_pretrained: async (name, options) => {
    const key = `${transformers.env.localModelPath}/${name} ${loader.name}`;
    if (!loaded.has(key)) loaded.set(key, finish(await loader.from_pretrained(name, options)));
    return loaded.get(key);
  },
});

module.exports = {
  ...transformers,
  AutoModel: once(transformers.AutoModel, keepPasses),
  AutoTokenizer: once(transformers.AutoTokenizer, (tokenizer) => tokenizer),
};
