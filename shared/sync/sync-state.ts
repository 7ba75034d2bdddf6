import { and, desc, eq, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { syncRuns, syncState } from '../database/schema';
import { personHomes } from '../database/schema-migration';
import type { PersonChange } from '../memory/provider';

export type PersonState = typeof syncState.$inferSelect;
export type SyncRun = Omit<typeof syncRuns.$inferSelect, 'id' | 'queued'>;

/** How far sync has come, in Postgres. Methods reject when the database cannot be reached. */
export interface SyncState {
  /** Notes whose memories changed; a person whose index has that change already is not due for it. */
  note(changes: PersonChange[]): Promise<void>;
  /** People whose index is behind, those tried least recently first. */
  due(limit: number): Promise<PersonState[]>;
  /** Everybody whose points were not compared in full since `before`, those compared least recently first. */
  unreconciled(before: Date, limit: number): Promise<PersonState[]>;
  find(userId: string): Promise<PersonState | null>;
  /** Gives a person to the caller for `forMs`, or until the outcome is told below; null while another process has them. */
  claim(userId: string, forMs: number): Promise<PersonState | null>;
  /** What was claimed came to no end. */
  release(userId: string): Promise<void>;
  /** The index has everything up to `changedAt` as it was noted, and every memory changed before `watermark`. */
  succeeded(person: PersonState, result: { watermark: Date | null; isFull: boolean }): Promise<void>;
  failed(person: PersonState, code: string): Promise<void>;
  /** Neither provider nor index has anything of this person any more. */
  forget(person: PersonState): Promise<void>;
  /** Keeps a run under the id that comes back, and forgets those that began before `forgetBefore`. */
  keepRun(run: SyncRun, forgetBefore: Date): Promise<number>;
  /** The latest run, the latest that got to everybody, and the latest full one of these. */
  runs(): Promise<{ last: SyncRun | null; complete: SyncRun | null; full: SyncRun | null }>;
}

/** What a person who was looked at no longer is. */
export const looseEnds = { heldUntil: null, queuedRun: null, queuedUntil: null };

/** Whose index does not have all that changed. */
export const isBehind = or(isNull(syncState.syncedTo), lt(syncState.syncedTo, syncState.changedAt));
/** Who was not compared in full since then. */
export const isUnreconciled = (since: Date) => or(isNull(syncState.reconciledAt), lt(syncState.reconciledAt, since));

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
    due: (limit) => select(isBehind, sql`${syncState.attemptedAt} nulls first`, limit),
    unreconciled: (before, limit) => select(isUnreconciled(before), sql`${syncState.reconciledAt} nulls first`, limit),
    find: async (userId) => {
      const [person] = await select(eq(syncState.userId, userId), sql`1`, 1);
      return person ?? null;
    },
    claim: async (userId, forMs) => {
      const at = now();
      const isFree = or(isNull(syncState.heldUntil), lte(syncState.heldUntil, at));
      const [person] = await (await database.open())
        .update(syncState)
        .set({ heldUntil: new Date(at.getTime() + forMs) })
        .where(and(eq(syncState.userId, userId), isFree))
        .returning();
      return person ?? null;
    },
    release: async (userId) => {
      const db = await database.open();
      await db.update(syncState).set({ heldUntil: null }).where(eq(syncState.userId, userId));
    },
    succeeded: async ({ userId, changedAt, watermark: before }, { watermark, isFull }) => {
      const db = await database.open();
      const at = now();
      const reached = { syncedTo: changedAt, watermark: watermark ?? before, attemptedAt: at };
      await db
        .update(syncState)
        .set({ ...reached, ...looseEnds, failures: 0, lastError: null, ...(isFull && { reconciledAt: at }) })
        .where(eq(syncState.userId, userId));
    },
    failed: async ({ userId }, code) => {
      const db = await database.open();
      await db
        .update(syncState)
        .set({ ...looseEnds, attemptedAt: now(), failures: sql`${syncState.failures} + 1`, lastError: code })
        .where(eq(syncState.userId, userId));
    },
    forget: async ({ userId }) => {
      const db = await database.open();
      await db.delete(syncState).where(eq(syncState.userId, userId));
      await db.delete(personHomes).where(eq(personHomes.userId, userId));
    },
    keepRun: async (run, forgetBefore) => {
      const db = await database.open();
      const [kept] = await db.insert(syncRuns).values(run).returning({ id: syncRuns.id });
      await db.delete(syncRuns).where(lt(syncRuns.startedAt, forgetBefore));
      if (!kept) throw new Error('Postgres kept no run');
      return kept.id;
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
