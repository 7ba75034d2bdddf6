import { shippedPath } from '../shared/config/shipped-files';
import { createMiniLm } from '../shared/embedding/minilm';
import { createTerms } from '../shared/embedding/terms';
import { derivedId } from '../shared/memory/derived-id';
import type { IndexPoint } from '../shared/search/index';
import { createPointBuilder } from '../shared/search/points';
import { createQdrantIndex } from '../shared/search/qdrant';
import { createTopicClassifier } from '../shared/search/topics';
import { createLogger } from '../shared/telemetry/logger';
import { percentile } from './percentile';
import type { Bench } from './run';
import { createSentences, type Sentences } from './sentences';
import { startBenchServer } from './server';

const sizes = { memories_each: 100, distinct_texts: 2_000, searches: 500, warm_up: 50 };
const collection = 'keepsake-bench';
const { signal } = new AbortController();

/**
 * How long searches take through HTTP over a Qdrant server that holds many people's memories. `--url`: the server, whose collection
 * `keepsake-bench` is used and left there; `--people`: how many, 1,000 if not given; `--loaded`: they are there from the last time.
 */
export const bench: Bench = async ({ url, people = '1000', loaded }) => {
  if (!url)
    throw new Error('usage: npm run bench -- qdrant-search --url <address of Qdrant> [--people 1000] [--loaded]');
  const sentences = createSentences(1);
  const load_seconds = loaded ? null : await load(url, Number(people), sentences);
  const server = await startBenchServer({ QDRANT_URL: url, QDRANT_COLLECTION: collection });
  try {
    const milliseconds: number[] = [];
    for (let i = 0; i < sizes.warm_up + sizes.searches; i++) {
      const request = { user_id: `person-${(i * 7_919) % Number(people)}`, query: sentences.question() };
      const started = performance.now();
      const { results, memory } = await server.call<{ results: object[]; memory: object }>('POST', 'search', request);
      milliseconds.push(performance.now() - started);
      if (results.length !== 10 || !('source' in memory) || memory.source !== 'index')
        throw new Error(`not the index's answer: ${JSON.stringify(memory)}`);
    }
    const counted = milliseconds.slice(sizes.warm_up);
    const search_ms = { p50: percentile(counted, 0.5), p95: percentile(counted, 0.95) };
    console.table({ p50: { ms: search_ms.p50, target: 12 }, p95: { ms: search_ms.p95, target: 25 } });
    return { people: Number(people), ...sizes, load_seconds, search_ms };
  } finally {
    await server.stop();
  }
};

/** Stores everybody's memories, in conversations of twenty turns; gives back the seconds that took, without the embedding. */
async function load(url: string, people: number, sentences: Sentences): Promise<number> {
  const terms = createTerms('auto');
  const embedder = createMiniLm({ modelsPath: shippedPath('models'), terms });
  const points = createPointBuilder({ embedder, terms, topics: createTopicClassifier(embedder, terms) });
  const pool: IndexPoint[] = [];
  for (let i = 0; i < sizes.distinct_texts; i++) {
    const at = new Date(Date.UTC(2026, 0, 1, 8, i));
    pool.push(
      await points.toPoint(
        {
          ...{ id: '', userId: '', text: sentences.statement(), type: 'fact', topic: null, tags: [], metadata: {} },
          ...{ sessionId: `session-${Math.floor(i / 20)}`, speaker: null, createdAt: at, updatedAt: at },
          ...{ expiresAt: null, supersededBy: null },
        },
        false,
      ),
    );
  }
  const index = createQdrantIndex({ url, collection, logger: createLogger('warn') });
  const started = performance.now();
  for (let person = 0; person < people; person++) {
    const userId = `person-${person}`;
    const first = (person * 37) % (pool.length - sizes.memories_each);
    const own = pool.slice(first, first + sizes.memories_each).map((point, i) => ({
      ...point,
      memory: { ...point.memory, userId, id: derivedId('bench', person, i) },
    }));
    await index.upsert(userId, own, signal);
  }
  return Math.round((performance.now() - started) / 1000);
}
