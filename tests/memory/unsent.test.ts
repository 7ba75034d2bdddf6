import type { OutboxWrite } from '../../shared/database/schema';
import { EmbeddingError } from '../../shared/embedding/embedder';
import { createTerms } from '../../shared/embedding/terms';
import { createUnsentRecall, toUnsentMemories } from '../../shared/memory/unsent';
import { createPointBuilder, type PointBuilder } from '../../shared/search/points';
import { aMemory } from '../support/points';
import { createTestClock } from '../support/clock';
import { aNewMemory } from '../support/memories';
import { points } from '../support/points';

const add = (text: string, changes: Parameters<typeof aNewMemory>[0] = {}) => {
  const memory = aNewMemory({ text, ...changes });
  return { id: memory.operationId, write: { kind: 'add', memory } satisfies OutboxWrite };
};
const textsOf = (writes: OutboxWrite[]) => toUnsentMemories(writes).map(({ text }) => text);

describe('writes on their way, as memories', () => {
  it('are what the provisional point shows', () => {
    const { id, write } = add('My locker is number 12.');
    expect(toUnsentMemories([write])).toEqual([
      {
        id,
        userId: 'ana',
        text: 'My locker is number 12.',
        type: 'fact',
        topic: null,
        tags: ['gym'],
        metadata: write.memory.metadata,
        sessionId: 'session-1',
        speaker: 'Ana',
        createdAt: write.memory.at,
        updatedAt: write.memory.at,
        expiresAt: null,
        supersededBy: null,
      },
    ]);
  });

  it('are changed and deleted by the writes that came after them', () => {
    const [locker, bicycle] = [add('My locker is number 12.'), add('My bicycle is red.')];
    const change = { text: 'My locker is number 13.', metadata: { sure: true }, expiresAt: new Date('2027-01-01') };
    const changed: OutboxWrite = { kind: 'update', memoryId: locker.id, change };
    const deleted: OutboxWrite = { kind: 'delete', memoryId: bicycle.id };
    expect(toUnsentMemories([locker.write, bicycle.write, changed, deleted])).toEqual([
      expect.objectContaining({ id: locker.id, ...change, tags: ['gym'] }),
    ]);
    const kept: OutboxWrite = { kind: 'update', memoryId: locker.id, change: {} };
    expect(toUnsentMemories([locker.write, kept])).toEqual(toUnsentMemories([locker.write]));
  });

  it('show a change of a memory that the provider has, where the write carries it', () => {
    const text = 'My locker is number 13.';
    const known = aMemory('ana', 'My locker is number 12.');
    const write: OutboxWrite = { kind: 'update', memoryId: known.id, change: { text }, changed: { ...known, text } };
    expect(toUnsentMemories([write])).toEqual([{ ...known, text }]);
    expect(toUnsentMemories([write, { kind: 'delete', memoryId: known.id }])).toEqual([]);
  });

  it('are none where only the provider knows what is changed or deleted', () => {
    const memoryId = add('').id;
    expect(
      textsOf([
        { kind: 'update', memoryId, change: { text: 'x' } },
        { kind: 'delete', memoryId },
      ]),
    ).toEqual([]);
  });
});

describe('recall of what waits', () => {
  const { now } = createTestClock();
  const terms = createTerms('auto');
  const writes = ['My sister moved to Lima.', 'My locker is number 12.', 'I drink green tea.'].map(
    (text) => add(text).write,
  );
  const recall = async (builder: PointBuilder, query: string) => {
    const unsent = createUnsentRecall({ outbox: { unsent: async () => writes }, points: builder, terms, now });
    return (await unsent({ userId: 'ana', query, limit: 10 })).map(({ memory }) => memory.text);
  };
  const failing = (error: Error) =>
    createPointBuilder({
      embedder: { embed: () => Promise.reject(error) },
      terms,
      topics: { classify: async () => null },
    });

  it('puts first what fits the question by its meaning', async () => {
    expect((await recall(points, 'Which beverage do I have at breakfast?'))[0]).toBe('I drink green tea.');
  });

  it('goes by words alone where the model fails', async () => {
    const broken = failing(new EmbeddingError('no model'));
    expect((await recall(broken, 'Which locker do I have?'))[0]).toBe('My locker is number 12.');
    expect((await recall(broken, '¿Lima?'))[0]).toBe('My sister moved to Lima.');
    expect(await recall(broken, '')).toHaveLength(3);
  });

  it('hides no bug', async () => {
    await expect(recall(failing(new TypeError('a bug')), 'locker')).rejects.toThrow('a bug');
  });

  it('looks at the newest two hundred', async () => {
    const many = Array.from({ length: 201 }, (_, i) => add(`Remark number ${i}.`).write);
    const unsent = createUnsentRecall({
      outbox: { unsent: async () => many },
      points: failing(new EmbeddingError('no model')),
      terms,
      now,
    });
    const found = await unsent({ userId: 'ana', query: 'remark', limit: 300 });
    expect(found).toHaveLength(200);
    expect(found.map(({ memory }) => memory.text)).not.toContain('Remark number 0.');
  });
});
