import { and, desc, eq, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { syncRuns, syncState } from '../database/schema';
import type { PersonChange } from '../memory/provider';

export type PersonState = typeof syncState.$inferSelect;
export type SyncRun = Omit<typeof syncRuns.$inferSelect, 'id'>;

/** How far sync has come, in Postgres. Methods reject when the database cannot be reached. */
export interface SyncState {
  /** Notes whose memories changed; a person whose index has that change already is not due for it. */
  note(changes: PersonChange[]): Promise<void>;
  /** People whose index is behind, those tried least recently first. */
  due(limit: number): Promise<PersonState[]>;
  /** Everybody whose points were not compared in full since `before`, those compared least recently first. */
  unreconciled(before: Date, limit: number): Promise<PersonState[]>;
  find(userId: string): Promise<PersonState | null>;
  /** The index has everything up to `changedAt` as it was noted, and every memory changed before `watermark`. */
  succeeded(person: PersonState, result: { watermark: Date | null; isFull: boolean }): Promise<void>;
  failed(person: PersonState, code: string): Promise<void>;
  /** Neither provider nor index has anything of this person any more. */
  forget(person: PersonState): Promise<void>;
  /** Keeps a run, and forgets those that began before `forgetBefore`. */
  keepRun(run: SyncRun, forgetBefore: Date): Promise<void>;
  /** The latest run, the latest that got to everybody, and the latest full one of these. */
  runs(): Promise<{ last: SyncRun | null; complete: SyncRun | null; full: SyncRun | null }>;
}

/** People that one statement notes: Postgres allows 65,535 parameters. */
const peopleAStatement = 5_000;

export function createSyncState(database: Database, now: () => Date): SyncState {
  const select = async (condition: SQL | undefined, order: SQL, limit: number) =>
    (await database.open()).select().from(syncState).where(condition).orderBy(order).limit(limit);
  return {
    note: async (changes) => {
      const db = await database.open();
      const latest = [...new Map(changes.map((change) => [change.userId, change])).values()];
      for (let i = 0; i < latest.length; i += peopleAStatement) {
        const later = sql`greatest(${syncState.changedAt}, excluded.changed_at)`;
        await db
          .insert(syncState)
          .values(latest.slice(i, i + peopleAStatement))
          .onConflictDoUpdate({ target: syncState.userId, set: { changedAt: later } });
      }
    },
    due: (limit) => {
      const isBehind = or(isNull(syncState.syncedTo), lt(syncState.syncedTo, syncState.changedAt));
      return select(isBehind, sql`${syncState.attemptedAt} nulls first`, limit);
    },
    unreconciled: (before, limit) => {
      const isBefore = or(isNull(syncState.reconciledAt), lt(syncState.reconciledAt, before));
      return select(isBefore, sql`${syncState.reconciledAt} nulls first`, limit);
    },
    find: async (userId) => {
      const [person] = await select(eq(syncState.userId, userId), sql`1`, 1);
      return person ?? null;
    },
    succeeded: async ({ userId, changedAt, watermark: before }, { watermark, isFull }) => {
      const db = await database.open();
      const at = now();
      const reached = { syncedTo: changedAt, watermark: watermark ?? before, attemptedAt: at };
      await db
        .update(syncState)
        .set({ ...reached, failures: 0, lastError: null, ...(isFull && { reconciledAt: at }) })
        .where(eq(syncState.userId, userId));
    },
    failed: async ({ userId }, code) => {
      const db = await database.open();
      await db
        .update(syncState)
        .set({ attemptedAt: now(), failures: sql`${syncState.failures} + 1`, lastError: code })
        .where(eq(syncState.userId, userId));
    },
    forget: async ({ userId }) => {
      const db = await database.open();
      await db.delete(syncState).where(eq(syncState.userId, userId));
    },
    keepRun: async (run, forgetBefore) => {
      const db = await database.open();
      await db.insert(syncRuns).values(run);
      await db.delete(syncRuns).where(lt(syncRuns.startedAt, forgetBefore));
    },
    runs: async () => {
      const db = await database.open();
      const latest = async (condition?: ReturnType<typeof and>) => {
        const [run] = await db.select().from(syncRuns).where(condition).orderBy(desc(syncRuns.startedAt)).limit(1);
        return run ?? null;
      };
      const isComplete = eq(syncRuns.complete, true);
      return {
        last: await latest(),
        complete: await latest(isComplete),
        full: await latest(and(isComplete, eq(syncRuns.kind, 'full'))),
      };
    },
  };
}
