import type { Embedder, Embedding } from '../embedding/embedder';
import type { Terms } from '../embedding/terms';
import { brainType, type Memory } from '../memory/memory';
import { contentHash } from './content-hash';
import type { IndexPoint, IndexQuery } from './index';
import { sentenceDimensions } from './sentence-vectors';
import type { TopicClassifier } from './topics';

/** Makes what an index takes out of memories and queries. A memory without a topic gets one. `toPoint` and `toQuery` reject with `EmbeddingError` when the model cannot be loaded or run. */
export interface PointBuilder {
  toPoint(memory: Memory, provisional: boolean): Promise<IndexPoint>;
  /** What a text is about, or null. A label is a help to search, not a condition of storing: null, too, when the model fails. */
  topicOf(text: string): Promise<string | null>;
  toQuery(query: Pick<IndexQuery, 'userId' | 'text' | 'filter' | 'limit' | 'now'>): Promise<IndexQuery>;
}

/** What a memory is found by: of a current value, what it is the value of, too, which its words may say in another language. */
function searchTextOf({ type, text, metadata: { slug } }: Memory): string {
  const isNamed = type === brainType && typeof slug === 'string';
  return isNamed ? `${text} ${slug.replace(/^user_/, '').replaceAll('_', ' ')}` : text;
}

export function createPointBuilder(parts: {
  embedder: Pick<Embedder, 'embed'>;
  terms: Terms;
  topics: TopicClassifier;
}): PointBuilder {
  const { embedder, terms, topics } = parts;
  const topicOf = async (text: string) => {
    try {
      return await topics.classify(text, await embedder.embed(text, 'when idle'));
    } catch {
      return null;
    }
  };
  return {
    async toPoint(memory, provisional) {
      const text = searchTextOf(memory);
      const embedding = await embedder.embed(text, 'when idle');
      const labelled = memory.topic === null ? { ...memory, topic: await topicOf(memory.text) } : memory;
      return {
        ...{ memory: labelled, embedding, terms: terms.terms(text), provisional },
        hash: contentHash(memory),
      };
    },
    topicOf,
    async toQuery(query) {
      const embedding = await embedder.embed(query.text);
      const topic = await topics.classify(query.text, embedding);
      return { ...query, embedding, terms: terms.terms(query.text), topic };
    },
  };
}

/** Points of words alone, for when the model fails: likeness of meaning then counts for nothing. Never rejects. */
export function createWordPointBuilder(terms: Terms): PointBuilder {
  const nothing: Embedding = {
    sentence: new Float32Array(sentenceDimensions),
    tokens: { stems: [], values: new Int8Array() },
  };
  const embedder = { embed: async () => nothing };
  return createPointBuilder({ embedder, terms, topics: { classify: async () => null } });
}
