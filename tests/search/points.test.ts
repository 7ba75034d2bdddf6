import { shippedPath } from '../../shared/config/shipped-files';
import { createMiniLm } from '../../shared/embedding/minilm';
import { createTerms } from '../../shared/embedding/terms';
import type { Memory } from '../../shared/memory/memory';
import { contentHash } from '../../shared/search/content-hash';
import { createDotKernel } from '../../shared/search/dot-kernel';
import { createPointBuilder } from '../../shared/search/points';
import { sentenceCosines, toInt8 } from '../../shared/search/sentence-vectors';
import { createTopicClassifier } from '../../shared/search/topics';

const terms = createTerms('auto');
const embedder = createMiniLm({ modelsPath: shippedPath('models'), terms });
const points = createPointBuilder({ embedder, terms, topics: createTopicClassifier(embedder, terms) });

const memory: Memory = {
  ...{ id: 'm1', userId: 'ana', text: 'I run in the park.', type: 'fact', topic: 'fitness', tags: [], metadata: {} },
  ...{ sessionId: null, speaker: null, createdAt: new Date(0), updatedAt: new Date(0), expiresAt: null },
  supersededBy: null,
};

describe('createPointBuilder', () => {
  it('makes a point of a memory: its vectors and stems, and the memory as it was', async () => {
    const point = await points.toPoint(memory, true);
    expect(point.memory).toBe(memory);
    expect(point.provisional).toBe(true);
    expect([...point.terms]).toEqual([
      ['run', 1],
      ['park', 1],
    ]);
    expect(point.embedding.tokens.stems).toEqual(['run', 'park']);
  });

  it('labels a memory that has no topic, and marks it by its content as the provider has it', async () => {
    const bare = { ...memory, topic: null };
    const point = await points.toPoint(bare, false);
    expect(point.memory).toEqual({ ...bare, topic: 'fitness' });
    expect(point.hash).toBe(contentHash(bare));
    expect(point.hash).not.toBe(contentHash(memory));
  });

  it('makes a query of the words asked, with their topic', async () => {
    const asked = {
      userId: 'ana',
      text: 'how was my workout at the gym?',
      filter: { types: ['goal'] },
      limit: 3,
      now: new Date(0),
    };
    const query = await points.toQuery(asked);
    expect(query).toMatchObject({ ...asked, topic: 'fitness' });
    expect([...query.terms.keys()]).toEqual(query.embedding.tokens.stems);
  });
});

describe('sentenceCosines', () => {
  it('are within 0.006 of those of the whole vectors', async () => {
    const texts = ['I run in the park.', 'I ran through the park', 'My cat is grey.', 'Hi', '', '👍', 'x '.repeat(300)];
    const vectors = await Promise.all(texts.map(async (text) => (await embedder.embed(text)).sentence));
    const rows = Int8Array.from(vectors.flatMap((vector) => [...toInt8(vector)]));
    const kernel = createDotKernel();
    for (const query of vectors) {
      const exact = vectors.map((vector) => vector.reduce((sum, value, i) => sum + value * (query[i] ?? 0), 0));
      const cosines = sentenceCosines(kernel, rows, query);
      for (const [i, cosine] of exact.entries()) expect(Math.abs((cosines[i] ?? 0) - cosine)).toBeLessThan(0.006);
    }
  });
});
