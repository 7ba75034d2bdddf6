import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, type Database } from '../../shared/database/client';
import { HomeInUseError, lockHome } from '../../shared/database/home-lock';
import { people } from '../../shared/database/schema';
import { type Child, startChild } from '../support/child';
import { freshHome } from '../support/home';

/** The process that the lock names. */
const readOwner = (home: string): number => JSON.parse(readFileSync(join(home, 'keepsake.pid'), 'utf8')).pid;

describe('the folder of the embedded database', () => {
  const children: Child[] = [];
  const databases: Database[] = [];
  afterEach(async () => {
    await Promise.all([
      ...children.splice(0).map((child) => child.kill()),
      ...databases.splice(0).map((database) => database.close()),
    ]);
  });
  const inChild = (home: string) => {
    const child = startChild('tests/database/fixtures/hold-home.ts', [home]);
    children.push(child);
    return child;
  };
  const here = (home: string) => {
    const database = createDatabase({ home, url: undefined });
    databases.push(database);
    return database;
  };

  it('refuses a second process with an error that says what to do', async () => {
    const home = freshHome();
    await here(home).open();
    const line = await inChild(home).line(/./);
    expect(line).toMatch(/^HomeInUseError: /);
    for (const part of [`process ${process.pid}`, home, 'KEEPSAKE_HOME', 'DATABASE_URL', 'keepsake.pid']) {
      expect(line).toContain(part);
    }
  });

  it('refuses a second opening in the same process, and leaves the first as it is', async () => {
    const home = freshHome();
    const first = here(home);
    const db = await first.open();
    await expect(here(home).open()).rejects.toThrow(HomeInUseError);
    expect(await db.select().from(people)).toEqual([]);
  });

  it('is free again after a close', async () => {
    const home = freshHome();
    const first = here(home);
    await first.open();
    await first.close();
    expect(await inChild(home).line(/./)).toBe('open');
  });

  it('is taken over from a process that was killed', async () => {
    const home = freshHome();
    const child = inChild(home);
    expect(await child.line(/./)).toBe('open');
    await expect(here(home).open()).rejects.toThrow(HomeInUseError);
    await child.kill();
    expect(existsSync(join(home, 'keepsake.pid'))).toBe(true);
    const db = await here(home).open();
    expect(await db.select().from(people)).toEqual([]);
  });

  it('goes to one of several processes that find it left behind', async () => {
    const home = freshHome();
    const owner = inChild(home);
    await owner.line(/./);
    await owner.kill();
    const answers = await Promise.all([1, 2, 3].map(() => inChild(home).line(/./)));
    expect(answers.map((line) => line.split(':')[0]).sort()).toEqual(['HomeInUseError', 'HomeInUseError', 'open']);
    expect(readdirSync(home).filter((name) => name.startsWith('keepsake.pid'))).toEqual(['keepsake.pid']);
  });

  it('is taken over where a process id was used again by another program', async () => {
    const home = freshHome();
    writeFileSync(join(home, 'keepsake.pid'), JSON.stringify({ pid: process.pid, started: '1' }));
    await expect(here(home).open()).resolves.toBeDefined();
  });

  it.each(['', 'rubbish', '{"pid":"x"}'])('is taken over where the lock says "%s"', (lock) => {
    const home = freshHome();
    writeFileSync(join(home, 'keepsake.pid'), lock);
    const release = lockHome(home);
    expect(readOwner(home)).toBe(process.pid);
    release();
  });

  it('is begun anew where the first start was cut off half-way', async () => {
    const home = freshHome();
    rmSync(join(home, 'postgres.ready'));
    rmSync(join(home, 'postgres', 'base'), { recursive: true });
    truncateSync(join(home, 'postgres', 'global', 'pg_control'), 10);
    const db = await here(home).open();
    expect(await db.select().from(people)).toEqual([]);
  });

  it('is made with the folders above it', () => {
    const home = join(freshHome(), 'a', 'b');
    lockHome(home);
    expect(readOwner(home)).toBe(process.pid);
  });
});
