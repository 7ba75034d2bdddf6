import fs from 'node:fs';
import { createDatabase } from '../../shared/database/client';
import { openWithFreedLeases } from '../../shared/database/freed-leases';
import { people } from '../../shared/database/schema';
import { freshHome } from '../support/home';

describe('the embedded database', () => {
  afterEach(() => jest.restoreAllMocks());

  it('has a write on the disk, not only with the operating system, before it says so', async () => {
    const database = createDatabase({ home: freshHome(), url: undefined });
    const db = await database.open();
    const synced = jest.spyOn(fs, 'fsyncSync');
    await db.insert(people).values({ userId: 'ana' });
    expect(synced).toHaveBeenCalledTimes(1);
    await db.select().from(people);
    expect(synced).toHaveBeenCalledTimes(1);
    await database.close();
  });

  it('keeps what was written over a restart', async () => {
    const home = freshHome();
    const first = createDatabase({ home, url: undefined });
    await (await first.open()).insert(people).values({ userId: 'ana' });
    await first.close();
    const second = createDatabase({ home, url: undefined });
    expect(await (await second.open()).select({ userId: people.userId }).from(people)).toEqual([{ userId: 'ana' }]);
    await second.close();
  });

  it('frees the rows of processes that are gone once, before anything else, and again where that failed', async () => {
    const database = createDatabase({ home: freshHome(), url: undefined });
    const order: string[] = [];
    let fails = true;
    const open = openWithFreedLeases(database, async () => {
      order.push('frees');
      await new Promise(setImmediate);
      if (fails) throw new Error('Disk is full.');
      order.push('freed');
    });
    await expect(Promise.all([open(), open()])).rejects.toThrow('Disk is full.');
    fails = false;
    await Promise.all([open(), open()].map((opening) => opening.then(() => order.push('opened'))));
    await open();
    expect(order).toEqual(['frees', 'frees', 'freed', 'opened', 'opened']);
    await database.close();
  });
});
