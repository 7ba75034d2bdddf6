import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { PreTrainedModel, PreTrainedTokenizer } from '@xenova/transformers';
import { LRUCache } from 'lru-cache';
import { findContentPieces } from './content-pieces';
import { type Embedder, type Embedding, EmbeddingError } from './embedder';
import type { Terms } from './terms';
import { toSentenceVector, toTokenVectors } from './token-vectors';

const modelName = 'all-MiniLM-L6-v2';
const projectionFile = 'token-projection-64x384.f32';

/** Longer texts are cut: the model was trained on 256 tokens, [CLS] and [SEP] among them. */
const maxTokens = 256;

interface MiniLmOptions {
  /** Folder that holds all-MiniLM-L6-v2/. */
  modelsPath: string;
  terms: Terms;
  /** Texts whose vectors are kept: 4 KB for a message of 130 characters, 30 KB for one of 256 tokens. */
  cacheSize?: number;
}

interface Model {
  tokenizer: PreTrainedTokenizer;
  network: PreTrainedModel;
  toTensor(values: BigInt64Array): unknown;
  projection: Float32Array;
}

/** Reads the model from disk, in about a quarter of a second. Nothing is ever fetched. */
async function loadModel(modelsPath: string): Promise<Model> {
  const { AutoModel, AutoTokenizer, LogLevel, Tensor, env } = await import('@xenova/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = modelsPath;
  env.logLevel = LogLevel.ERROR;
  const [tokenizer, network, projection] = await Promise.all([
    AutoTokenizer.from_pretrained(modelName),
    AutoModel.from_pretrained(modelName, { dtype: 'q8', session_options: { intraOpNumThreads } }),
    readFile(join(modelsPath, modelName, projectionFile)),
  ]);
  const toTensor = (values: BigInt64Array) => new Tensor('int64', values, [1, values.length]);
  return { tokenizer, network, toTensor, projection: new Float32Array(new Uint8Array(projection).buffer) };
}

/** A second core takes a quarter off a short text; more of them wait for each other. */
const intraOpNumThreads = Math.min(2, availableParallelism());

/**
 * all-MiniLM-L6-v2 in this process, on one or two threads, loaded with the first text. Texts go through it one at a time, each
 * once: its vectors are kept, and callers that ask together share one pass. What is returned is shared; do not write
 * into it. When the model cannot be loaded, `embed` and `countTokens` reject, and the next call tries again.
 */
export function createMiniLm({ modelsPath, terms, cacheSize = 2000 }: MiniLmOptions): Embedder {
  const cache = new LRUCache<string, Promise<Embedding>>({ max: cacheSize });
  let state: ReturnType<Embedder['state']> = 'cold';
  let hits = 0;
  let misses = 0;
  let loading: Promise<Model> | undefined;
  let lastPass: Promise<unknown> = Promise.resolve();

  const model = () => {
    loading ??= loadModel(modelsPath).then(
      (loaded) => {
        state = 'ready';
        return loaded;
      },
      (cause) => {
        state = 'failed';
        loading = undefined;
        const folder = join(modelsPath, modelName);
        throw new EmbeddingError(
          `Cannot load the embedding model from ${folder}; restore that folder from the repository`,
          { cause },
        );
      },
    );
    return loading;
  };

  const pass = async (text: string): Promise<Embedding> => {
    const { tokenizer, network, toTensor, projection } = await model();
    const pieces = tokenizer.tokenize(text).slice(0, maxTokens - 2);
    const ids = tokenizer.convert_tokens_to_ids(['[CLS]', ...pieces, '[SEP]']);
    const { last_hidden_state: hidden } = await network({
      input_ids: toTensor(BigInt64Array.from(ids, BigInt)),
      attention_mask: toTensor(new BigInt64Array(ids.length).fill(1n)),
      token_type_ids: toTensor(new BigInt64Array(ids.length)),
    }).catch((cause: unknown) => {
      throw new EmbeddingError('The embedding model fails; start the process anew', { cause });
    });
    return {
      sentence: toSentenceVector(hidden.data, ids.length),
      tokens: toTokenVectors(hidden.data, findContentPieces(pieces, terms.reader(text)), projection),
    };
  };

  /** One at a time: passes run in parallel would only take turns on the processor, each with memory of its own. */
  const queue = (text: string): Promise<Embedding> => {
    const result = lastPass.then(() => pass(text));
    lastPass = result.catch(() => undefined);
    return result;
  };

  return {
    embed(text) {
      const known = cache.get(text);
      if (known) {
        hits++;
        return known;
      }
      misses++;
      const result = queue(text);
      cache.set(text, result);
      result.catch(() => cache.delete(text));
      return result;
    },
    async countTokens(text) {
      const { tokenizer } = await model();
      return tokenizer.tokenize(text).length;
    },
    state: () => state,
    cache: () => ({ hits, misses }),
  };
}
