import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { PreTrainedModel, PreTrainedTokenizer } from '@xenova/transformers';
import { LRUCache } from 'lru-cache';
import { findContentPieces } from './content-pieces';
import { type Embedder, type Embedding, EmbeddingError, type Urgency } from './embedder';
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
  toTensor(values: BigInt64Array, shape: number[]): unknown;
  projection: Float64Array;
}

/** Reads the model from disk, in about a quarter of a second. Nothing is ever fetched. */
async function loadModel(modelsPath: string): Promise<Model> {
  const { AutoModel, AutoTokenizer, LogLevel, Tensor, env } = await import('@xenova/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = modelsPath;
  env.logLevel = LogLevel.ERROR;
  const [tokenizer, network, projection] = await Promise.all([
    AutoTokenizer.from_pretrained(modelName),
    AutoModel.from_pretrained(modelName, { dtype: 'q8', session_options: sessionOptions }),
    readFile(join(modelsPath, modelName, projectionFile)),
  ]);
  const toTensor = (values: BigInt64Array, shape: number[]) => new Tensor('int64', values, shape);
  return {
    tokenizer,
    network,
    toTensor,
    projection: Float64Array.from(new Float32Array(new Uint8Array(projection).buffer)),
  };
}

/** A text in turn for the model. */
interface Waiting {
  text: string;
  pieces: string[];
  ids: number[];
  resolve(embedding: Embedding): void;
  reject(error: unknown): void;
}

/** Sixteen short texts in one pass take two thirds of the time of as many passes; a pass of more would hold up for longer who asks meanwhile. */
const maxBatch = 16;
/** How much shorter a text may be than the first of its batch: the filling is computed, too. */
const maxFilling = 3;

/** The text whose turn it is. One that may wait goes together with those after it that are about as long; an urgent one alone, which is fastest for it. */
function nextBatch(waiting: Record<Urgency, Waiting[]>): Waiting[] {
  const urgent = waiting.now.shift();
  if (urgent) return [urgent];
  const [first] = waiting['when idle'];
  if (!first) return [];
  const filling = ({ ids }: Waiting) => Math.abs(ids.length - first.ids.length);
  const alike = waiting['when idle'].filter((text) => filling(text) <= maxFilling);
  const batch = alike.sort((a, b) => filling(a) - filling(b)).slice(0, maxBatch);
  waiting['when idle'] = waiting['when idle'].filter((text) => !batch.includes(text));
  return batch;
}

/** A second core takes a quarter off a short text; more of them wait for each other. */
const sessionOptions = {
  intraOpNumThreads: Math.min(2, availableParallelism()),
  // Otherwise a thread without work keeps its core busy for 100 ms after every text.
  extra: { session: { intra_op: { allow_spinning: '0' } } },
};

/**
 * all-MiniLM-L6-v2 in this process, on one or two threads, loaded with the first text. Each text goes through it once: its vectors
 * are kept, and callers that ask together share one pass. What is returned is shared; do not write into it. When the model cannot
 * be loaded, `embed` and `countTokens` reject, and the next call tries again.
 */
export function createMiniLm({ modelsPath, terms, cacheSize = 2000 }: MiniLmOptions): Embedder {
  const cache = new LRUCache<string, Promise<Embedding>>({ max: cacheSize });
  const tokenCounts = new LRUCache<string, number>({ max: cacheSize });
  let state: ReturnType<Embedder['state']> = 'cold';
  let hits = 0;
  let misses = 0;
  let loading: Promise<Model> | undefined;
  const waiting: Record<Urgency, Waiting[]> = { now: [], 'when idle': [] };
  let isWorking = false;

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

  /** One pass for texts of about one length; the shorter ones are filled up, and the filling is masked. */
  const pass = async ({ network, toTensor, projection }: Model, batch: readonly Waiting[]): Promise<Embedding[]> => {
    const length = Math.max(...batch.map(({ ids }) => ids.length));
    const shape = [batch.length, length];
    const ids = new BigInt64Array(batch.length * length);
    const mask = new BigInt64Array(batch.length * length);
    for (const [i, text] of batch.entries()) {
      ids.set(BigInt64Array.from(text.ids, BigInt), i * length);
      mask.fill(1n, i * length, i * length + text.ids.length);
    }
    const inputs = { input_ids: ids, attention_mask: mask, token_type_ids: new BigInt64Array(ids.length) };
    const tensors = Object.entries(inputs).map(([name, values]) => [name, toTensor(values, shape)]);
    const { last_hidden_state: hidden } = await network(Object.fromEntries(tensors)).catch((cause: unknown) => {
      throw new EmbeddingError('The embedding model fails; start the process anew', { cause });
    });
    const size = hidden.dims[2];
    return batch.map(({ text, pieces, ids: own }, i) => {
      const rows = hidden.data.subarray(i * length * size, (i * length + own.length) * size);
      return {
        sentence: toSentenceVector(rows, own.length),
        tokens: toTokenVectors(rows, findContentPieces(pieces, terms.reader(text)), projection),
      };
    });
  };

  /** One pass at a time: in parallel they would only take turns on the processor, each with memory of its own. */
  const work = async () => {
    if (isWorking) return;
    isWorking = true;
    for (let batch = nextBatch(waiting); batch.length > 0; batch = nextBatch(waiting)) {
      try {
        const embeddings = await pass(await model(), batch);
        for (const [i, { resolve }] of batch.entries()) resolve(embeddings[i] as Embedding);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isWorking = false;
  };

  const queue = async (text: string, urgency: Urgency): Promise<Embedding> => {
    const { tokenizer } = await model();
    const pieces = tokenizer.tokenize(text).slice(0, maxTokens - 2);
    const ids = tokenizer.convert_tokens_to_ids(['[CLS]', ...pieces, '[SEP]']);
    return new Promise((resolve, reject) => {
      waiting[urgency].push({ text, pieces, ids, resolve, reject });
      void work();
    });
  };

  return {
    embed(text, urgency = 'now') {
      const known = cache.get(text);
      if (known) {
        hits++;
        return known;
      }
      misses++;
      const result = queue(text, urgency);
      cache.set(text, result);
      result.catch(() => cache.delete(text));
      return result;
    },
    async countTokens(text) {
      const known = tokenCounts.get(text);
      if (known !== undefined) return known;
      const { tokenizer } = await model();
      const count = tokenizer.tokenize(text).length;
      tokenCounts.set(text, count);
      return count;
    },
    state: () => state,
    cache: () => ({ hits, misses }),
  };
}
