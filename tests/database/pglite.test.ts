import fs from 'node:fs';
import { createDatabase } from '../../shared/database/client';
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
});
