import { randomUUID } from 'node:crypto';
import { createDatabase } from '../../shared/database/client';
import { CursorError } from '../../shared/memory/cursor';
import { createLocalProvider } from '../../shared/memory/local';
import type { MemoryProvider, NewMemory } from '../../shared/memory/provider';
import { describeProvider } from '../memory/provider-contract';
import { overEachEngine } from '../support/databases';
import { aNewMemory } from '../support/memories';

const signal = new AbortController().signal;
const now = () => new Date('2026-03-01T12:00:00Z');

describe('the local provider', () => {
  overEachEngine((database) => {
    let provider: MemoryProvider;
    beforeAll(() => {
      provider = createLocalProvider(database(), now);
    });
    const add = async (memory: NewMemory) => {
      const receipt = await provider.add(memory, signal);
      if (receipt.status !== 'stored') throw new Error('The local provider stores at once.');
      return receipt.memories;
    };

    it('stores the same operation once, also when it comes twice at the same time', async () => {
      // Twenty times: which of the two commits first is not ours to say.
      for (let i = 0; i < 20; i++) {
        const memory = aNewMemory({ userId: `twice-${i}` });
        const [first, second] = await Promise.all([add(memory), add(memory)]);
        expect(second).toEqual(first);
        expect((await provider.list(memory.userId, { limit: 10, cursor: null }, signal)).items).toEqual(first);
        expect(await provider.history(memory.operationId, signal)).toHaveLength(1);
      }
    });

    it('stores several adds in their order, those that came before once, and none where one cannot be stored', async () => {
      const memories = ['One.', 'Two.', 'Three.'].map((text) => aNewMemory({ userId: 'several', text }));
      const [, second] = memories as [NewMemory, NewMemory, NewMemory];
      const [earlier] = await add(second);
      const receipts = await provider.addAll?.(memories, signal);
      const texts = receipts?.map((receipt) => receipt.status === 'stored' && receipt.memories.map(({ text }) => text));
      expect(texts).toEqual([['One.'], ['Two.'], ['Three.']]);
      expect(receipts?.[1]).toEqual({ status: 'stored', memories: [earlier] });
      const all = async () => (await provider.list('several', { limit: 10, cursor: null }, signal)).items;
      expect(await all()).toHaveLength(3);
      const wrong = { ...aNewMemory({ userId: 'several' }), operationId: 'no uuid' };
      await expect(provider.addAll?.([aNewMemory({ userId: 'several' }), wrong], signal)).rejects.toMatchObject({
        name: 'ProviderError',
      });
      expect(await all()).toHaveLength(3);
    });

    it('stores adds of several people together, each those of their own', async () => {
      const memories = ['leo', 'ida', 'leo'].map((userId, i) => aNewMemory({ userId, text: `Word ${i}.` }));
      await add(memories[2] as NewMemory);
      await provider.addAll?.(memories, signal);
      const textsOf = async (userId: string) =>
        (await provider.list(userId, { limit: 10, cursor: null }, signal)).items.map(({ text }) => text).sort();
      expect(await textsOf('leo')).toEqual(['Word 0.', 'Word 2.']);
      expect(await textsOf('ida')).toEqual(['Word 1.']);
    });

    it('takes punctuation in a query for nothing', async () => {
      for (const query of ["' & | ! :* <-> (", '\\', '🎈', 'a & !b | (c']) {
        await expect(provider.search('ana', query, 10, signal)).resolves.toBeInstanceOf(Array);
      }
    });

    it('pages through people in the order of their ids, with their counts', async () => {
      await add(aNewMemory({ userId: 'zoe', text: 'One.', at: new Date('2026-02-03T00:00:00Z') }));
      await add(aNewMemory({ userId: 'zoe', text: 'Two.', at: new Date('2026-02-02T00:00:00Z') }));
      const first = await provider.users({ limit: 1, cursor: null }, signal);
      const rest = await provider.users({ limit: 100, cursor: first.nextCursor }, signal);
      const everybody = [...first.items, ...rest.items];
      const ids = everybody.map(({ userId }) => userId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(rest.nextCursor).toBeNull();
      expect(everybody.find(({ userId }) => userId === 'zoe')).toEqual({
        userId: 'zoe',
        memories: 2,
        lastMemoryAt: new Date('2026-02-03T00:00:00Z'),
      });
    });

    describeProvider(() => provider, now);

    const encode = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url');
    it.each([
      'rubbish',
      encode('text'),
      encode({}),
      encode([]),
      encode(['2026-01-01T00:00:00Z', 'no id']),
      encode(['yesterday', randomUUID()]),
      encode(['0000-01-01T00:00:00Z', randomUUID()]),
      encode(['2026-01-01T00:00:00Z', randomUUID(), 1]),
    ])('refuses the cursor %s', async (cursor) => {
      await expect(provider.list('ana', { limit: 1, cursor }, signal)).rejects.toThrow(CursorError);
    });

    it.each([encode([7]), encode(['a\0b']), encode(['\ud800'])])('refuses the cursor of people %s', async (cursor) => {
      await expect(provider.users({ limit: 1, cursor }, signal)).rejects.toThrow(CursorError);
    });
  });

  it('says that it is unavailable, and that a write may have arrived, where the database cannot be reached', async () => {
    const nowhere = createDatabase({ home: '', url: 'postgres://nobody@127.0.0.1:1/none' });
    const provider = createLocalProvider(nowhere, now);
    const failure = { name: 'ProviderError', code: 'unavailable' };
    await expect(provider.get(randomUUID(), signal)).rejects.toMatchObject({
      ...failure,
      options: { retryable: true, outcomeUnknown: false },
    });
    await expect(provider.add(aNewMemory(), signal)).rejects.toMatchObject({
      ...failure,
      options: { retryable: true, outcomeUnknown: true },
    });
  });
});
