import { randomUUID } from 'node:crypto';
import { CursorError, pagesOf } from '../../shared/memory/cursor';
import type { Memory } from '../../shared/memory/memory';
import type { MemoryProvider, NewMemory } from '../../shared/memory/provider';
import { aNewMemory } from '../support/memories';

const signal = new AbortController().signal;
const sentAt = new Date('2026-02-28T12:00:00Z');
const attempt = { sentAt, arrivesUntil: sentAt, eventId: null };
const say = (content: string, name: string | null = null, at: Date | null = null) => ({
  ...{ role: 'user' as const, name, content, at },
});

/** What every memory provider does, whoever keeps the memories. `now` is the provider's clock. */
export function describeProvider(provider: () => MemoryProvider, now: () => Date): void {
  /** Adds, and asks until the provider is done with it. */
  const add = async (memory: NewMemory): Promise<Memory[]> => {
    let receipt = await provider().add(memory, signal);
    for (let asked = 0; receipt.status === 'pending' && asked < 3; asked++) {
      const { eventId } = receipt;
      const found = await provider().find(memory.userId, memory.operationId, { ...attempt, eventId }, signal);
      if (found?.status === 'stored') receipt = found;
    }
    if (receipt.status !== 'stored') throw new Error('The provider did not get done.');
    return receipt.memories;
  };
  const addOne = async (changes: Parameters<typeof aNewMemory>[0] = {}): Promise<Memory> => {
    const [memory] = await add(aNewMemory({ userId: randomUUID(), ...changes }));
    if (!memory) throw new Error('Nothing was stored.');
    return memory;
  };
  const all = async (userId: string) => (await provider().list(userId, { limit: 100, cursor: null }, signal)).items;

  it('gives back what was added, to the millisecond, in every way to read it', async () => {
    const memory = aNewMemory({ userId: randomUUID(), topic: 'sport', expiresAt: new Date('2027-01-01T10:00:00.5Z') });
    const stored = await addOne(memory);
    const { userId, type, topic, tags, metadata, sessionId, expiresAt } = memory;
    expect(stored).toEqual({
      ...{ id: stored.id, userId, type, topic, tags, metadata, sessionId, expiresAt, supersededBy: null },
      ...{ text: 'My locker is number 12.', speaker: 'Ana', createdAt: memory.at, updatedAt: now() },
    });
    expect(await provider().get(stored.id, signal)).toEqual(stored);
    expect(await all(userId)).toEqual([stored]);
    expect(await provider().search(userId, 'locker', 5, signal)).toEqual([stored]);
  });

  it('returns metadata as it was, whatever its keys are called', async () => {
    const metadata = {
      ...{
        snake_case: 1,
        camelCase: { inner_key: [1, { deep_er: null }] },
        keepsake: 'mine',
        keepsake_type: 'also mine',
      },
      ...{ user_id: 'somebody', createdAt: 'never', '': true },
    };
    const { id } = await addOne({ metadata });
    expect((await provider().get(id, signal))?.metadata).toEqual(metadata);
  });

  it('keeps who said what and when, where several spoke', async () => {
    const at = new Date('2026-02-01T08:00:00Z');
    const later = new Date('2026-02-01T08:05:00Z');
    const utterances = [say('I live in Cusco.', 'Ana', at), say('And I live in Lima.', 'Ben', later)];
    const userId = randomUUID();
    const memories = await add(aNewMemory({ userId, at, utterances }));
    const told = (memory: Memory) => [memory.text, memory.speaker, memory.createdAt];
    expect(memories.map(told)).toEqual([
      ['I live in Cusco.', 'Ana', at],
      ['And I live in Lima.', 'Ben', later],
    ]);
    const second = memories[1]?.id ?? '';
    await provider().update(second, { text: 'And I live in Quito.' }, signal);
    expect((await all(userId)).map(told)).toEqual([
      ['And I live in Quito.', 'Ben', later],
      ['I live in Cusco.', 'Ana', at],
    ]);
  });

  it('keeps the facts of a conversation, and nothing of small talk', async () => {
    const userId = randomUUID();
    const conversation = [say('Hi there!'), say('I live in Cusco.'), say('My dog is called Ox.')];
    const memories = await add(aNewMemory({ userId, utterances: conversation, infer: true }));
    expect(memories.map(({ text }) => text)).toEqual(['I live in Cusco.', 'My dog is called Ox.']);
    expect(memories.map(({ type, tags, sessionId }) => [type, tags, sessionId])).toEqual(
      memories.map(() => ['fact', ['gym'], 'session-1']),
    );
    expect(await add(aNewMemory({ userId, utterances: [say('Thank you!')], infer: true }))).toEqual([]);
    expect(await all(userId)).toHaveLength(2);
  });

  it.each([true, false])(
    'finds what became of an operation, also after its memory was deleted (infer %s)',
    async (infer) => {
      const memory = aNewMemory({ userId: randomUUID(), infer });
      const find = (userId = memory.userId) => provider().find(userId, memory.operationId, attempt, signal);
      expect(await find()).toBeNull();
      const memories = await add(memory);
      expect(memories).toHaveLength(1);
      expect(await find()).toEqual({ status: 'stored', memories });
      await provider().delete(memories[0]?.id ?? '', signal);
      expect(await find()).toEqual({ status: 'stored', memories: [] });
    },
  );

  it('changes only what an update names', async () => {
    const before = await addOne({ expiresAt: new Date('2027-01-01T00:00:00Z') });
    const changed = await provider().update(before.id, { text: 'My locker is number 13.' }, signal);
    expect(changed).toEqual({ ...before, text: 'My locker is number 13.', updatedAt: now() });
    expect(await provider().get(before.id, signal)).toEqual(changed);
    const forever = await provider().update(before.id, { metadata: { a: 1 }, expiresAt: null }, signal);
    expect(forever).toEqual({ ...changed, metadata: { a: 1 }, expiresAt: null });
    expect(await provider().get(before.id, signal)).toEqual(forever);
  });

  it('keeps what superseded a memory, and takes it back', async () => {
    const [old, newer] = [await addOne({ text: 'I live in Cusco.' }), randomUUID()];
    const superseded = await provider().update(old.id, { supersededBy: newer }, signal);
    expect(superseded).toEqual({ ...old, supersededBy: newer, updatedAt: now() });
    expect(await provider().get(old.id, signal)).toEqual(superseded);
    expect(await all(old.userId)).toEqual([superseded]);
    await provider().update(old.id, { metadata: { a: 1 } }, signal);
    expect((await provider().get(old.id, signal))?.supersededBy).toBe(newer);
    expect((await provider().update(old.id, { supersededBy: null }, signal))?.supersededBy).toBeNull();
    expect((await provider().get(old.id, signal))?.supersededBy).toBeNull();
    const [first, second] = await provider().history(old.id, signal);
    expect([first?.event, second?.event, second?.text]).toEqual(['add', 'update', 'I live in Cusco.']);
  });

  it('makes a memory anew with what superseded it', async () => {
    const newer = randomUUID();
    const stored = await addOne({ supersededBy: newer });
    expect(stored.supersededBy).toBe(newer);
    expect(await provider().get(stored.id, signal)).toEqual(stored);
  });

  it('tells the history of a memory after it is gone', async () => {
    const { id } = await addOne({ text: 'One and only.' });
    await provider().update(id, { text: 'Two of them.' }, signal);
    expect(await provider().delete(id, signal)).toBe(true);
    expect(await provider().get(id, signal)).toBeNull();
    const history = await provider().history(id, signal);
    expect(history.map(({ memoryId, event, previousText, text }) => [memoryId, event, previousText, text])).toEqual([
      [id, 'add', null, 'One and only.'],
      [id, 'update', 'One and only.', 'Two of them.'],
      [id, 'delete', 'Two of them.', null],
    ]);
    expect(history.map(({ at }) => at)).toEqual([now(), now(), now()]);
  });

  it('says of an id it does not know that there is nothing', async () => {
    const id = randomUUID();
    expect(await provider().get(id, signal)).toBeNull();
    expect(await provider().update(id, { text: 'x' }, signal)).toBeNull();
    expect(await provider().delete(id, signal)).toBe(false);
    expect(await provider().history(id, signal)).toEqual([]);
    expect(await all(randomUUID())).toEqual([]);
    expect(await provider().search(randomUUID(), 'anything', 5, signal)).toEqual([]);
  });

  it('pages through one person newest first, each memory once, though many were said at one moment', async () => {
    const userId = randomUUID();
    const texts = Array.from({ length: 13 }, (_, i) => `Fact number ${i}.`);
    for (const [i, text] of texts.entries())
      await addOne({ userId, text, at: new Date(Date.UTC(2026, 0, 1 + (i % 5))) });
    await addOne();
    const seen: Memory[] = [];
    let cursor: string | null = null;
    do {
      const page = await provider().list(userId, { limit: 4, cursor }, signal);
      expect(page.items.length).toBeLessThanOrEqual(4);
      seen.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen.map(({ text }) => text).sort()).toEqual([...texts].sort());
    const times = seen.map(({ createdAt }) => createdAt.getTime());
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it('lists one type', async () => {
    const userId = randomUUID();
    await addOne({ userId, type: 'goal', text: 'Run.' });
    await addOne({ userId, type: 'fact', text: 'Tall.' });
    const { items } = await provider().list(userId, { limit: 10, cursor: null, type: 'goal' }, signal);
    expect(items.map(({ text }) => text)).toEqual(['Run.']);
  });

  it('finds by any word of the query, for one person, best first', async () => {
    const userId = randomUUID();
    await addOne({ userId, text: 'The red bicycle stands in the cellar.' });
    await addOne({ userId, text: 'The red house is far.' });
    await addOne({ userId, text: 'Nothing of the kind.' });
    await addOne({ text: 'Another red bicycle.' });
    const found = await provider().search(userId, 'red bicycle?', 10, signal);
    expect(found.map(({ text }) => text)).toEqual(['The red bicycle stands in the cellar.', 'The red house is far.']);
    expect(await provider().search(userId, 'red bicycle', 1, signal)).toHaveLength(1);
  });

  it('pages through people, each once', async () => {
    const names = Array.from({ length: 5 }, () => randomUUID());
    for (const userId of names) await addOne({ userId });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await provider().users({ limit: 2, cursor }, signal);
      seen.push(...page.items.map(({ userId }) => userId));
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(names));
  });

  it('refuses a cursor that it never gave out', async () => {
    const cursor = Buffer.from(JSON.stringify(['yesterday', 'nobody'])).toString('base64url');
    for (const wrong of ['rubbish', cursor]) {
      const page = { limit: 1, cursor: wrong };
      await expect(provider().list('ana', page, signal)).rejects.toThrow(CursorError);
    }
  });

  it('does nothing for a caller who is gone', async () => {
    const userId = randomUUID();
    await expect(provider().add(aNewMemory({ userId }), AbortSignal.abort())).rejects.toThrow();
    expect(await all(userId)).toEqual([]);
  });

  it('tells whose memories changed since a moment, and which they are', async () => {
    const { userId, id } = await addOne();
    const changedSince = async (since: Date | null) => {
      const list = (cursor: string | null) => provider().changedPeople(since, { limit: 1, cursor }, signal);
      const found = [];
      for await (const page of pagesOf(list)) found.push(...page);
      return found.filter((person) => person.userId === userId);
    };
    const listed = async (since: Date) => {
      const page = { limit: 100, cursor: null, changedSince: since, includeHidden: true };
      return (await provider().list(userId, page, signal)).items.map((memory) => memory.id);
    };
    const later = new Date(now().getTime() + 1_000);
    expect(await changedSince(null)).toEqual([{ userId, changedAt: now() }]);
    expect(await changedSince(now())).toEqual([{ userId, changedAt: now() }]);
    expect(await listed(now())).toEqual([id]);
    expect(await changedSince(later)).toEqual([]);
    expect(await listed(later)).toEqual([]);
  });
}
