import { randomUUID } from 'node:crypto';
import { contentHash } from '../../shared/search/content-hash';
import type { SearchFilter, SearchIndex } from '../../shared/search/index';
import { aMemory, embedder, now, person, points, search, signal, store, textsIn } from '../support/points';

/** What every search index does, wherever the points lie. `newIndex` gives another reader and writer of the same points. */
export function describeIndex(newIndex: (options?: { now: () => Date }) => SearchIndex): void {
  describe('search', () => {
    it('finds what was stored, whole, best first, with the parts of its score', async () => {
      const [index, ana] = [newIndex(), person()];
      const locker = aMemory(ana, 'My locker is number 12.', {
        type: 'preference',
        topic: 'fitness',
        tags: ['gym', 'morning'],
        metadata: { Source: 'sms', nested: { user_id: 1 } },
        sessionId: 'session-1',
        speaker: 'Ana',
        expiresAt: new Date('2027-01-01T00:00:00Z'),
      });
      await store(index, aMemory(ana, 'I adopted a grey cat.'), locker, aMemory(ana, 'The bus was late.'));
      const results = await search(index, ana, 'which locker do I have?');
      expect(results.map(({ memory }) => memory.text)[0]).toBe('My locker is number 12.');
      expect(results).toHaveLength(3);
      expect(results[0]).toMatchObject({
        memory: locker,
        provisional: false,
        breakdown: { lexical: expect.any(Number) },
      });
      const sum = Object.values(results[0]?.breakdown ?? {}).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(results[0]?.score ?? 0, 10);
    });

    it('gives [] for a person nobody heard of, and for one whose memories are all gone', async () => {
      const [index, ana] = [newIndex(), person()];
      expect(await search(index, ana, 'anything')).toEqual([]);
      const memory = aMemory(ana, 'I like tea.');
      await store(index, memory);
      await index.remove(ana, [memory.id], signal);
      expect(await search(index, ana, 'tea')).toEqual([]);
      expect(await search(newIndex(), ana, 'tea')).toEqual([]);
    });

    it('gives no more than the limit', async () => {
      const [index, ana] = [newIndex(), person()];
      await store(index, ...['one', 'two', 'three'].map((word) => aMemory(ana, `Tea number ${word}.`)));
      expect(await search(index, ana, 'tea', { limit: 2 })).toHaveLength(2);
    });

    it('takes memories and queries without a word in them', async () => {
      const [index, ana] = [newIndex(), person()];
      await store(index, aMemory(ana, '👍'), aMemory(ana, '…'), aMemory(ana, 'the'));
      expect(await search(index, ana, '👍')).toHaveLength(3);
    });

    it('shows nobody the memories of another', async () => {
      const [index, ana, ben] = [newIndex(), person(), person()];
      const [hers, his] = [aMemory(ana, 'My door code is 4711.'), aMemory(ben, 'My door code is 1234.')];
      await store(index, hers, his);
      expect(await textsIn(index, ana, 'door code')).toEqual([hers.text]);
      expect(await textsIn(index, ben, 'door code')).toEqual([his.text]);
      await index.remove(ben, [hers.id], signal);
      expect(await textsIn(index, ana, 'door code')).toEqual([hers.text]);
    });

    it('leaves out what has expired', async () => {
      const [index, ana] = [newIndex(), person()];
      await store(index, aMemory(ana, 'Parking ticket until noon.', { expiresAt: new Date(now.getTime() + 1000) }));
      expect(await search(index, ana, 'parking')).toHaveLength(1);
      expect(await search(index, ana, 'parking', { now: new Date(now.getTime() + 1000) })).toEqual([]);
    });

    it('replaces a memory that is stored again', async () => {
      const [index, ana] = [newIndex(), person()];
      const memory = aMemory(ana, 'I live in Lisbon.');
      await store(index, memory);
      await search(index, ana, 'live');
      await store(index, { ...memory, text: 'I live in Porto.', metadata: { moved: true } });
      const results = await search(index, ana, 'where do I live?');
      expect(results.map((result) => result.memory)).toEqual([
        { ...memory, text: 'I live in Porto.', metadata: { moved: true } },
      ]);
    });

    it('stores the last of two with one id, and many at once', async () => {
      const [index, ana] = [newIndex(), person()];
      const memory = aMemory(ana, 'first');
      const many = Array.from({ length: 600 }, (_, i) => ({
        ...memory,
        id: i < 2 ? memory.id : randomUUID(),
        text: `tea ${i % 20}`,
      }));
      await index.upsert(ana, await Promise.all(many.map((each) => points.toPoint(each, true))), signal);
      const results = await search(index, ana, 'tea', { limit: 1000 });
      expect(results).toHaveLength(599);
      expect(results.every(({ provisional }) => provisional)).toBe(true);
      expect(results.find((result) => result.memory.id === memory.id)?.memory.text).toBe('tea 1');
    });

    it('stands the turns of a conversation beside each other by the time they were said', async () => {
      const [index, ana] = [newIndex(), person()];
      const turn = (minute: number, text: string) =>
        aMemory(ana, text, { sessionId: 'walk', createdAt: new Date(now.getTime() + minute * 60_000) });
      const turns = [
        turn(4, 'Bye.'),
        turn(1, 'A beagle named Pixel!'),
        turn(0, 'Which dog did you adopt?'),
        turn(9, 'Sun.'),
      ];
      await store(index, ...turns);
      const results = await search(index, ana, 'adopted dog');
      const next = new Map(results.map(({ memory, breakdown }) => [memory.text, breakdown.next ?? 0]));
      expect(next.get('A beagle named Pixel!')).toBeGreaterThan(next.get('Sun.') ?? 0);
    });
  });

  describe('filters', () => {
    let index: SearchIndex;
    const [ana, newer] = [person(), randomUUID()];
    beforeAll(async () => {
      index = newIndex();
      await store(
        index,
        aMemory(ana, 'tea one', { type: 'goal', topic: 'food', tags: ['a', 'b'], speaker: 'Ana', sessionId: 's1' }),
        aMemory(ana, 'tea two', { tags: ['b'], metadata: { source: 'sms', n: 1, deep: { x: 1, y: 2 } } }),
        aMemory(ana, 'tea three', {
          metadata: { source: null, list: [1, 2] },
          createdAt: new Date('2026-02-20T00:00:00Z'),
          supersededBy: newer,
        }),
      );
    });

    it.each<[string, SearchFilter, string[]]>([
      ['nothing', {}, ['one', 'three', 'two']],
      ['a type', { types: ['goal'] }, ['one']],
      ['types', { types: ['goal', 'fact'] }, ['one', 'three', 'two']],
      ['no type at all', { types: [] }, []],
      ['a topic', { topics: ['food', 'work'] }, ['one']],
      ['a tag', { tags: ['b'] }, ['one', 'two']],
      ['every tag', { tags: ['b', 'a'] }, ['one']],
      ['metadata', { metadata: { source: 'sms' } }, ['two']],
      ['metadata of every key', { metadata: { source: 'sms', n: 2 } }, []],
      ['a number, not its text', { metadata: { n: '1' } }, []],
      ['an object, whole', { metadata: { deep: { y: 2, x: 1 } } }, ['two']],
      ['a part of an object', { metadata: { deep: { x: 1 } } }, []],
      ['a list, in its order', { metadata: { list: [2, 1] } }, []],
      ['null, which is not a missing key', { metadata: { source: null } }, ['three']],
      ['a key with quotes in it', { metadata: { 'o\'hara"': 1 } }, []],
      ['a session', { sessionId: 's1' }, ['one']],
      ['a speaker', { speaker: 'Ana' }, ['one']],
      ['nobody as speaker', { speaker: null }, ['three', 'two']],
      ['what it was superseded by', { supersededBy: newer }, ['three']],
      ['nothing that superseded it', { supersededBy: null }, ['one', 'two']],
      ['since', { since: new Date('2026-02-20T00:00:00Z') }, ['three']],
      ['until', { until: new Date('2026-02-01T08:00:00.123Z') }, ['one', 'two']],
      ['all of these together', { types: ['fact'], tags: ['b'], metadata: { n: 1 } }, ['two']],
    ])('by %s', async (_, filter, expected) => {
      const found = await textsIn(index, ana, 'tea', filter);
      expect(found.map((text) => text.replace('tea ', '')).sort()).toEqual(expected);
    });
  });

  describe('in several processes', () => {
    it('sees what another one stored, changed and removed', async () => {
      const [here, there, ana] = [newIndex(), newIndex(), person()];
      const [tea, bus] = [aMemory(ana, 'I drink green tea.'), aMemory(ana, 'My bus is line 7.')];
      await store(here, tea);
      expect(await textsIn(there, ana, 'tea bus')).toEqual([tea.text]);
      await store(here, bus);
      expect((await textsIn(there, ana, 'tea bus')).sort()).toEqual([tea.text, bus.text]);
      await store(here, { ...tea, text: 'I drink black tea.' });
      expect(await textsIn(there, ana, 'black tea')).toContain('I drink black tea.');
      await here.remove(ana, [tea.id], signal);
      expect(await textsIn(there, ana, 'tea bus')).toEqual([bus.text]);
    });

    it('misses nothing of what many store at once', async () => {
      const [indexes, ana] = [[newIndex(), newIndex(), newIndex()], person()];
      const memories = Array.from({ length: 30 }, (_, i) => aMemory(ana, `Tea number ${i}.`));
      await Promise.all(
        memories.map(async (memory, i) => {
          const index = indexes[i % 3] as SearchIndex;
          await store(index, memory);
          const found = await search(index, ana, memory.text, { limit: 100 });
          expect(found.map((result) => result.memory.id)).toContain(memory.id);
        }),
      );
      for (const index of indexes) expect(await search(index, ana, 'tea', { limit: 100 })).toHaveLength(30);
    });
  });

  describe('nearest', () => {
    it('gives the memory most like a text in the scope, with its cosine', async () => {
      const [index, ana] = [newIndex(), person()];
      const [tea, cat] = [
        aMemory(ana, 'I drink green tea.', { speaker: 'Ana' }),
        aMemory(ana, 'I have a cat.', { type: 'goal' }),
      ];
      await store(index, tea, cat);
      const embedding = await embedder.embed('I drink green tea.');
      const found = await index.nearest(ana, embedding, {}, signal);
      expect(found?.memory).toEqual(tea);
      expect(found?.cosine).toBeGreaterThan(0.998);
      expect((await index.nearest(ana, embedding, { types: ['goal'] }, signal))?.memory).toEqual(cat);
      expect(await index.nearest(ana, embedding, { types: ['goal'], speaker: 'Ana' }, signal)).toBeNull();
      expect(await index.nearest(person(), embedding, {}, signal)).toBeNull();
    });

    it('passes over what has expired', async () => {
      const ana = person();
      const index = newIndex({ now: () => now });
      await store(index, aMemory(ana, 'I drink green tea.', { expiresAt: now }));
      expect(await index.nearest(ana, await embedder.embed('I drink green tea.'), {}, signal)).toBeNull();
    });
  });

  it('finds a memory by its id alone, and null for one that is not there', async () => {
    const [index, ana] = [newIndex(), person()];
    const memory = aMemory(ana, 'I like tea.');
    await store(index, memory);
    expect(await index.find(memory.id, signal)).toEqual(memory);
    await index.remove(ana, [memory.id], signal);
    expect(await index.find(memory.id, signal)).toBeNull();
    expect(await index.find(randomUUID(), signal)).toBeNull();
  });

  it('gives a page of the memories of a type that are older than a time, the oldest first, whosever they are', async () => {
    const [index, ana, ben, type] = [newIndex(), person(), person(), `type-${randomUUID()}`];
    const at = (day: number) => ({ type, createdAt: new Date(Date.UTC(2026, 0, day)) });
    const [first, second, third] = [
      aMemory(ben, 'one', at(1)),
      aMemory(ana, 'two', at(2)),
      aMemory(ana, 'three', at(3)),
    ];
    await store(index, third, second, first, aMemory(ana, 'four', { ...at(1), type: `${type}-other` }));
    const older = (day: number, limit: number) => index.olderThan(type, at(day).createdAt, limit, signal);
    expect(await older(3, 10)).toEqual([first, second].map(({ id, userId }) => ({ id, userId })));
    expect(await older(9, 1)).toEqual([{ id: first.id, userId: ben }]);
    expect(await older(1, 10)).toEqual([]);
    await index.remove(ben, [first.id], signal);
    expect(await older(3, 10)).toEqual([{ id: second.id, userId: ana }]);
  });

  it('counts memories by type, without those removed', async () => {
    const [index, ana, type] = [newIndex(), person(), `type-${randomUUID()}`];
    const memories = ['one', 'two', 'three'].map((text) => aMemory(ana, text, { type }));
    await store(index, ...memories);
    await index.remove(ana, [memories[0]?.id ?? ''], signal);
    expect(await index.countByType(signal)).toMatchObject({ [type]: 2 });
  });

  describe('what sync compares', () => {
    it('marks of all points of a person, or of those named, by memory id', async () => {
      const [index, ana, ben] = [newIndex(), person(), person()];
      const [tea, rain, his] = [aMemory(ana, 'I like tea.'), aMemory(ana, 'I like rain.'), aMemory(ben, 'I like tea.')];
      await store(index, tea, his);
      await index.upsert(ana, [await points.toPoint(rain, true)], signal);
      const marks = {
        [tea.id]: { hash: contentHash(tea), provisional: false },
        [rain.id]: { hash: contentHash(rain), provisional: true },
      };
      expect(Object.fromEntries(await index.marks(ana, 'all', signal))).toEqual(marks);
      const named = await index.marks(ana, [tea.id, his.id, randomUUID()], signal);
      expect(Object.fromEntries(named)).toEqual({ [tea.id]: marks[tea.id] });
      await index.remove(ana, [tea.id], signal);
      expect([...(await index.marks(ana, 'all', signal)).keys()]).toEqual([rain.id]);
      expect(await index.marks(ana, [], signal)).toEqual(new Map());
    });

    it('marks of more points than one page holds', async () => {
      const [index, ana] = [newIndex(), person()];
      const point = await points.toPoint(aMemory(ana, 'I like tea.'), false);
      const many = Array.from({ length: 2_100 }, () => ({ ...point, memory: { ...point.memory, id: randomUUID() } }));
      await index.upsert(ana, many, signal);
      expect((await index.marks(ana, 'all', signal)).size).toBe(many.length);
    });

    it('everybody who has points, until they are erased', async () => {
      const [index, ana, ben] = [newIndex(), person(), person()];
      await store(index, aMemory(ana, 'I like tea.'), aMemory(ben, 'I like tea.'));
      expect(await index.people(signal)).toEqual(expect.arrayContaining([ana, ben]));
      await index.erase(ana, signal);
      const left = await index.people(signal);
      expect(left).toContain(ben);
      expect(left).not.toContain(ana);
      expect(await search(index, ana, 'tea')).toEqual([]);
      expect(await search(index, ben, 'tea')).toHaveLength(1);
    });
  });
}
