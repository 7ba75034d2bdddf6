import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedPath } from '../shared/config/shipped-files';
import { createDatabase } from '../shared/database/client';
import { createMiniLm } from '../shared/embedding/minilm';
import { createTerms } from '../shared/embedding/terms';
import { derivedId } from '../shared/memory/derived-id';
import type { Memory } from '../shared/memory/memory';
import { createEmbeddedIndex } from '../shared/search/embedded';
import type { IndexPoint, SearchIndex } from '../shared/search/index';
import { createPointBuilder, type PointBuilder } from '../shared/search/points';
import { createQdrantIndex } from '../shared/search/qdrant';
import { createTopicClassifier } from '../shared/search/topics';
import { createLogger } from '../shared/telemetry/logger';
import { createQdrantServer } from '../tests/support/qdrant-server';
import { type Conversation, readConversations, toMemories } from './locomo';
import { type Answer, recallOf } from './recall';
import type { Bench } from './run';

const depth = 10;
const signal = new AbortController().signal;

/**
 * How often both indexes give the same answer to LoCoMo's questions. `--data`: folder of the conversations; `--url`: a Qdrant server,
 * whose collection `parity` is used. Without one, the loopback server of the tests stands in.
 */
export const bench: Bench = async ({ data, url }) => {
  if (!data) throw new Error('usage: npm run bench -- parity --data <folder> [--url <address of Qdrant>]');
  const home = mkdtempSync(join(tmpdir(), 'keepsake-bench-'));
  const database = createDatabase({ home, url: undefined });
  const loopback = url ? null : await createQdrantServer();
  const logger = createLogger('warn');
  const indexes: Record<'embedded' | 'qdrant', SearchIndex> = {
    embedded: createEmbeddedIndex(database),
    qdrant: createQdrantIndex({ url: url ?? loopback?.url ?? '', collection: 'parity', logger }),
  };
  const terms = createTerms('auto');
  const embedder = createMiniLm({ modelsPath: shippedPath('models'), terms });
  const points = createPointBuilder({ embedder, terms, topics: createTopicClassifier(embedder, terms) });
  const same = { set: 0, order: 0 };
  const answers: Record<keyof typeof indexes, Answer[]> = { embedded: [], qdrant: [] };
  const milliseconds = { embedded: 0, qdrant: 0 };
  try {
    for (const conversation of readConversations(data)) {
      const turnIds = new Map<string, string>();
      const stored = await toPoints(points, conversation, turnIds);
      const userId = `locomo-${conversation.id}`;
      for (const index of Object.values(indexes)) await index.upsert(userId, stored, signal);
      for (const { question, evidence, category } of conversation.questions) {
        const now = new Date();
        const query = await points.toQuery({ userId, text: question, filter: {}, limit: 20, now });
        const found = { embedded: [] as string[], qdrant: [] as string[] };
        for (const name of ['embedded', 'qdrant'] as const) {
          const started = performance.now();
          const results = await indexes[name].search(query, signal);
          milliseconds[name] += performance.now() - started;
          found[name] = results.map(({ memory }) => turnIds.get(memory.id) ?? '');
          answers[name].push({ category, evidence, found: found[name] });
        }
        const [a, b] = [found.embedded.slice(0, depth), found.qdrant.slice(0, depth)];
        same.order += Number(a.join() === b.join());
        same.set += Number(a.toSorted().join() === b.toSorted().join());
      }
    }
    const questions = answers.qdrant.length;
    const recall = { embedded: recallOf(answers.embedded), qdrant: recallOf(answers.qdrant) };
    const share = { [`same_top_${depth}`]: same.set / questions, in_the_same_order: same.order / questions };
    const mean_ms = { embedded: milliseconds.embedded / questions, qdrant: milliseconds.qdrant / questions };
    console.log(`${questions} questions, Qdrant is ${url ? 'a server' : 'the loopback server of the tests'}`);
    console.table(share);
    console.table(recall);
    return { questions, server: url ? 'qdrant' : 'loopback', share, recall, mean_ms };
  } finally {
    await loopback?.close();
    await database.close();
    rmSync(home, { recursive: true, force: true });
  }
};

async function toPoints(
  points: PointBuilder,
  conversation: Conversation,
  turnIds: Map<string, string>,
): Promise<IndexPoint[]> {
  const stored: IndexPoint[] = [];
  for (const { turnId, request } of toMemories(conversation)) {
    const at = new Date(request.at);
    const memory: Memory = {
      ...{ id: derivedId(request.user_id, turnId), userId: request.user_id, text: request.text, type: 'fact' },
      ...{ topic: null, tags: [], metadata: {}, sessionId: request.session_id, speaker: request.speaker },
      ...{ createdAt: at, updatedAt: at, expiresAt: null, supersededBy: null },
    };
    turnIds.set(memory.id, turnId);
    stored.push(await points.toPoint(memory, false));
  }
  return stored;
}
