import { randomUUID } from 'node:crypto';
import { shippedPath } from '../../shared/config/shipped-files';
import { createMiniLm } from '../../shared/embedding/minilm';
import { createTerms } from '../../shared/embedding/terms';
import type { Memory } from '../../shared/memory/memory';
import type { IndexQuery, SearchFilter, SearchIndex } from '../../shared/search/index';
import { createPointBuilder } from '../../shared/search/points';
import { createTopicClassifier } from '../../shared/search/topics';

/** Points as the real model makes them. */
const terms = createTerms('auto');
export const embedder = createMiniLm({ modelsPath: shippedPath('models'), terms });
export const points = createPointBuilder({ embedder, terms, topics: createTopicClassifier(embedder, terms) });
export const { signal } = new AbortController();
export const person = () => `person-${randomUUID()}`;
export const now = new Date('2026-03-01T12:00:00Z');

export const aMemory = (userId: string, text: string, changes: Partial<Memory> = {}): Memory => ({
  id: randomUUID(),
  userId,
  text,
  type: 'fact',
  topic: 'other',
  tags: [],
  metadata: {},
  sessionId: null,
  speaker: null,
  createdAt: new Date('2026-02-01T08:00:00.123Z'),
  updatedAt: new Date('2026-02-01T08:00:01Z'),
  expiresAt: null,
  supersededBy: null,
  ...changes,
});

export async function store(index: SearchIndex, ...memories: Memory[]): Promise<void> {
  for (const memory of memories) await index.upsert(memory.userId, [await points.toPoint(memory, false)], signal);
}

export async function search(index: SearchIndex, userId: string, text: string, changes: Partial<IndexQuery> = {}) {
  const query = await points.toQuery({ userId, text, filter: {}, limit: 10, now });
  return index.search({ ...query, ...changes }, signal);
}

export const textsIn = async (index: SearchIndex, userId: string, text: string, filter: SearchFilter = {}) =>
  (await search(index, userId, text, { filter })).map(({ memory }) => memory.text);
