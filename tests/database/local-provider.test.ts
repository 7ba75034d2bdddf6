import { randomUUID } from 'node:crypto';
import { createDatabase } from '../../shared/database/client';
import { CursorError } from '../../shared/memory/cursor';
import { createLocalProvider } from '../../shared/memory/local';
import type { MemoryProvider, NewMemory } from '../../shared/memory/provider';
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

    it('gives back what was added, to the millisecond', async () => {
      const memory = aNewMemory();
      const [stored] = await add(memory);
      const { operationId: id, userId, type, topic, tags, metadata, sessionId, expiresAt } = memory;
      const expected = { id, userId, type, topic, tags, metadata, sessionId, expiresAt, supersededBy: null };
      const said = { text: 'My locker is number 12.', speaker: 'Ana', createdAt: memory.at, updatedAt: now() };
      expect(stored).toEqual({ ...expected, ...said });
      expect(await provider.get(id, signal)).toEqual(stored);
    });

    it('stores the same operation once, also when it comes twice at the same time', async () => {
      const memory = aNewMemory({ userId: 'twice' });
      const [first, second] = await Promise.all([add(memory), add(memory).catch(() => add(memory))]);
      expect(second).toEqual(first);
      expect((await provider.list('twice', { limit: 10, cursor: null }, signal)).items).toHaveLength(1);
      expect(await provider.history(memory.operationId, signal)).toHaveLength(1);
    });

    it('keeps each fact of a conversation apart, and nothing of small talk', async () => {
      const say = (content: string) => ({ role: 'user' as const, name: null, content, at: null });
      const userId = 'talker';
      const conversation = [say('Hi there!'), say('I live in Cusco.'), say('Thanks! My dog is called Ox.')];
      const memories = await add(aNewMemory({ userId, utterances: conversation, infer: true }));
      expect(memories.map(({ text }) => text)).toEqual(['I live in Cusco.', 'My dog is called Ox.']);
      expect(await add(aNewMemory({ userId, utterances: [say('Thank you!')], infer: true }))).toEqual([]);
    });

    it('finds what became of an operation, also after its memory was deleted', async () => {
      const memory = aNewMemory({ userId: 'finder' });
      expect(await provider.find('finder', memory.operationId, signal)).toBeNull();
      const memories = await add(memory);
      expect(await provider.find('finder', memory.operationId, signal)).toEqual({ status: 'stored', memories });
      expect(await provider.find('somebody-else', memory.operationId, signal)).toBeNull();
      await provider.delete(memory.operationId, signal);
      expect(await provider.find('finder', memory.operationId, signal)).toEqual({ status: 'stored', memories: [] });
    });

    it('changes only what an update names', async () => {
      const memory = aNewMemory({ userId: 'changer', expiresAt: new Date('2027-01-01T00:00:00Z') });
      const [before] = await add(memory);
      const changed = await provider.update(memory.operationId, { text: 'My locker is number 13.' }, signal);
      expect(changed).toEqual({ ...before, text: 'My locker is number 13.', updatedAt: now() });
      const forever = await provider.update(memory.operationId, { metadata: { a: 1 }, expiresAt: null }, signal);
      expect(forever).toEqual({ ...changed, metadata: { a: 1 }, expiresAt: null });
    });

    it('tells the history of a memory after it is gone', async () => {
      const { operationId: id } = aNewMemory();
      await add(aNewMemory({ operationId: id, text: 'One.' }));
      await provider.update(id, { text: 'Two.' }, signal);
      expect(await provider.delete(id, signal)).toBe(true);
      expect(await provider.get(id, signal)).toBeNull();
      const history = await provider.history(id, signal);
      expect(history.map(({ event, previousText, text }) => [event, previousText, text])).toEqual([
        ['add', null, 'One.'],
        ['update', 'One.', 'Two.'],
        ['delete', 'Two.', null],
      ]);
    });

    it('says of an id it does not know that there is nothing', async () => {
      const id = randomUUID();
      expect(await provider.get(id, signal)).toBeNull();
      expect(await provider.update(id, { text: 'x' }, signal)).toBeNull();
      expect(await provider.delete(id, signal)).toBe(false);
      expect(await provider.history(id, signal)).toEqual([]);
    });

    it('pages through one person newest first, each memory once, though many were said at one moment', async () => {
      const userId = 'pager';
      const texts = Array.from({ length: 25 }, (_, i) => `Fact number ${i}.`);
      const days = ['01', '02', '03', '04', '05'];
      for (const [i, text] of texts.entries())
        await add(aNewMemory({ userId, text, at: new Date(`2026-01-${days[i % 5]}T00:00:00Z`) }));
      await add(aNewMemory({ userId: 'neighbour' }));
      const seen: { text: string; at: number }[] = [];
      let cursor: string | null = null;
      do {
        const page = await provider.list(userId, { limit: 4, cursor }, signal);
        seen.push(...page.items.map(({ text, createdAt }) => ({ text, at: createdAt.getTime() })));
        cursor = page.nextCursor;
      } while (cursor);
      expect(seen.map(({ text }) => text).sort()).toEqual([...texts].sort());
      expect(seen.map(({ at }) => at)).toEqual(seen.map(({ at }) => at).sort((a, b) => b - a));
    });

    it('lists one type', async () => {
      const userId = 'typist';
      await add(aNewMemory({ userId, type: 'goal', text: 'Run.' }));
      await add(aNewMemory({ userId, type: 'fact', text: 'Tall.' }));
      const { items } = await provider.list(userId, { limit: 10, cursor: null, type: 'goal' }, signal);
      expect(items.map(({ text }) => text)).toEqual(['Run.']);
    });

    it('finds by any word of the query, for one person, best first, and takes punctuation for nothing', async () => {
      const userId = 'searcher';
      await add(aNewMemory({ userId, text: 'The red bicycle stands in the cellar.' }));
      await add(aNewMemory({ userId, text: 'The red house is far.' }));
      await add(aNewMemory({ userId, text: 'Nothing of the kind.' }));
      await add(aNewMemory({ userId: 'neighbour', text: 'Another red bicycle.' }));
      const found = await provider.search(userId, 'red bicycle?', 10, signal);
      expect(found.map(({ text }) => text)).toEqual(['The red bicycle stands in the cellar.', 'The red house is far.']);
      for (const query of ["' & | ! :* <-> (", '\\', '🎈', 'a & !b | (c']) {
        await expect(provider.search(userId, query, 10, signal)).resolves.toBeInstanceOf(Array);
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

    it('does nothing for a caller who is gone', async () => {
      const memory = aNewMemory({ userId: 'gone' });
      await expect(provider.add(memory, AbortSignal.abort())).rejects.toThrow();
      expect(await provider.get(memory.operationId, signal)).toBeNull();
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
