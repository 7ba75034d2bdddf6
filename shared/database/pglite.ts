import { existsSync, fsyncSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite, types } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { shippedPath } from '../config/shipped-files';
import type { OpenDatabase } from './client';
import { lockHome } from './home-lock';
import { PlanningPGlite } from './planning-pglite';
import { prepareRoles, requireRowSecurity } from './roles';
import { appRole } from './row-security';
import * as schema from './schema';

/**
 * What PGlite starts Postgres with, changed in two places. fsync is on (PGlite's `-F` turns it off): an accepted write must
 * outlive a power cut. Shared buffers are 16 MB instead of 128: 140 MB less resident; the working set is small and the operating
 * system caches the files.
 */
const startParams = (defaults: string[]) => [
  ...defaults.filter((parameter) => parameter !== '-F'),
  ...['-c', 'fsync=on', '-c', 'wal_sync_method=fsync', '-c', 'shared_buffers=16MB', '-c', 'wal_buffers=1MB'],
];

/** The part of Emscripten's module that PGlite mounts its folder with. */
interface EmscriptenModule {
  NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } };
}

/** PGlite's files on disk, with the fsync that Emscripten's file system lacks: without it Postgres's own calls do nothing. */
class SyncedNodeFS extends NodeFS {
  override init(pg: PGlite, options: Parameters<NodeFS['init']>[1]) {
    const addFsync = ({ NODEFS }: EmscriptenModule) => {
      NODEFS.stream_ops.fsync = ({ nfd }) => {
        fsyncSync(nfd);
        return 0;
      };
    };
    return super.init(pg, { ...options, preRun: [...[options.preRun ?? []].flat(), addFsync as never] });
  }
}

/** Types that drizzle reads itself, from the text that Postgres sends: moments, days, intervals, and arrays of them and of numerics. */
const { TIMESTAMP, TIMESTAMPTZ, INTERVAL, DATE } = types;
const readByDrizzle = [TIMESTAMP, TIMESTAMPTZ, INTERVAL, DATE, 1231, 1115, 1185, 1187, 1182];
const parsers = Object.fromEntries(readByDrizzle.map((type) => [type, (text: string) => text]));

/** Opens the Postgres in this process whose files lie in `home`/postgres. Throws `HomeInUseError` when another process has it. */
export async function openPGlite(home: string): Promise<OpenDatabase> {
  const release = lockHome(home);
  try {
    const folder = join(home, 'postgres');
    const complete = join(home, 'postgres.ready');
    // A first start that was killed half-way left files that are no database yet, and nothing was ever accepted into them.
    if (!existsSync(complete)) rmSync(folder, { recursive: true, force: true });
    // Not by `create`, which makes a plain PGlite whatever class it is called on.
    const client = new PlanningPGlite({
      parsers,
      fs: new SyncedNodeFS(folder),
      startParams: startParams(PGlite.defaultStartParams),
    });
    await client.waitReady;
    const db = drizzle(client, { schema });
    await prepareRoles(db);
    await migrate(db, { migrationsFolder: shippedPath('shared', 'database', 'migrations') });
    writeFileSync(complete, '');
    // As who it started it would bypass every policy.
    await client.exec(`set role ${appRole}`);
    await requireRowSecurity(db);
    const close = async () => {
      await client.close();
      release();
    };
    return { db, close };
  } catch (error) {
    release();
    throw error;
  }
}
