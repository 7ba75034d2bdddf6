import { eq, sql } from 'drizzle-orm';
import { createDatabase } from '../../shared/database/client';
import { indexPoints } from '../../shared/database/schema';
import { createEmbeddedIndex } from '../../shared/search/embedded';
import { overEachEngine } from '../support/databases';
import { freshHome } from '../support/home';
import { aMemory, now, person, points, search, signal, store, textsIn } from '../support/points';
import { describeIndex } from './index-contract';

overEachEngine((database) => {
  const newIndex = () => createEmbeddedIndex(database());

  describeIndex((options) => createEmbeddedIndex(database(), options));

  it('forgets a person who was erased, and knows them anew', async () => {
    const [index, ana] = [newIndex(), person()];
    await store(index, aMemory(ana, 'I like tea.'), aMemory(ana, 'I like rain.'));
    await search(index, ana, 'tea');
    const erase = () => newIndex().erase(ana, signal);
    await erase();
    expect(await search(index, ana, 'tea')).toEqual([]);
    await store(index, aMemory(ana, 'I like tea.'), aMemory(ana, 'I like rain.'));
    await search(index, ana, 'tea');
    await erase();
    await store(index, aMemory(ana, 'I like snow.'), aMemory(ana, 'I like wind.'), aMemory(ana, 'I like sun.'));
    expect((await textsIn(index, ana, 'rain')).sort()).toEqual(['I like snow.', 'I like sun.', 'I like wind.']);
  });

  it('finds the same with hardly any memory to hold vectors in', async () => {
    const [small, ample] = [createEmbeddedIndex(database(), { cacheBytes: 6000 }), newIndex()];
    const persons = [person(), person(), person()];
    for (const userId of persons)
      await store(small, ...['tea', 'rain', 'bus'].map((word) => aMemory(userId, `I like ${word}.`)));
    for (const userId of [...persons, ...persons]) {
      expect(await textsIn(small, userId, 'bus')).toEqual(await textsIn(ample, userId, 'bus'));
    }
  });

  it('gives the same to all who ask at the same time for a person not read yet', async () => {
    const [index, ana] = [newIndex(), person()];
    await store(newIndex(), aMemory(ana, 'I like tea.'), aMemory(ana, 'I like rain.'));
    const found = await Promise.all(Array.from({ length: 8 }, () => textsIn(index, ana, 'tea')));
    expect(found).toEqual(Array(8).fill(['I like tea.', 'I like rain.']));
  });

  it('takes points of several people together, and each finds their own', async () => {
    const [index, ana, ben] = [newIndex(), person(), person()];
    await store(index, aMemory(ana, 'I like rain.'));
    expect(await textsIn(index, ana, 'tea')).toEqual(['I like rain.']);
    const said = [aMemory(ana, 'I like tea.'), aMemory(ben, 'Tea is for others.'), aMemory(ben, 'I like the bus.')];
    await index.upsertAll?.(await Promise.all(said.map((memory) => points.toPoint(memory, false))), signal);
    expect(await textsIn(index, ana, 'tea')).toEqual(['I like tea.', 'I like rain.']);
    expect(await textsIn(index, ben, 'bus')).toEqual(['I like the bus.', 'Tea is for others.']);
  });

  it('leaves nothing of the words of a removed memory', async () => {
    const [index, ana] = [newIndex(), person()];
    const memory = aMemory(ana, 'secretword', {
      tags: ['secretword'],
      metadata: { x: 'secretword' },
      speaker: 'secretword',
      type: 'fact',
    });
    await store(index, memory);
    await index.remove(ana, [memory.id], signal);
    const rows = await (await database().open())
      .select({ row: sql<string>`${indexPoints}::text` })
      .from(indexPoints)
      .where(eq(indexPoints.userId, ana));
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('secretword');
  });
});

describe('when the database fails', () => {
  it('rejects with an IndexError that says so, for every method, and recovers', async () => {
    const working = createDatabase({ home: freshHome(), url: undefined });
    let isDown = true;
    const index = createEmbeddedIndex({
      ...working,
      open: () => (isDown ? Promise.reject(new Error('the row says: secret')) : working.open()),
    });
    const memory = aMemory('ana', 'I like tea.');
    const point = await points.toPoint(memory, false);
    const unavailable = { name: 'IndexError', code: 'unavailable', message: 'embedded: unavailable' };
    await expect(index.upsert('ana', [point], signal)).rejects.toMatchObject(unavailable);
    await expect(index.remove('ana', [memory.id], signal)).rejects.toMatchObject(unavailable);
    await expect(search(index, 'ana', 'tea')).rejects.toMatchObject(unavailable);
    await expect(index.nearest('ana', point.embedding, {}, signal)).rejects.toMatchObject(unavailable);
    await expect(index.find(memory.id, signal)).rejects.toMatchObject(unavailable);
    await expect(index.countByType(signal)).rejects.toMatchObject(unavailable);
    isDown = false;
    await index.upsert('ana', [point], signal);
    expect(await textsIn(index, 'ana', 'tea')).toEqual(['I like tea.']);
    await working.close();
  });

  it('rejects with a timeout when the signal ends before the database answers', async () => {
    const silent = createEmbeddedIndex({
      engine: 'pglite',
      open: () => new Promise(() => undefined),
      close: async () => undefined,
    });
    const controller = new AbortController();
    const query = await points.toQuery({ userId: 'ana', text: 'tea', filter: {}, limit: 10, now });
    const waiting = [silent.search(query, controller.signal), silent.search(query, controller.signal)];
    controller.abort();
    for (const search of waiting) await expect(search).rejects.toMatchObject({ name: 'IndexError', code: 'timeout' });
  });
});
