import { and, count, eq, exists, inArray, isNull, lte, ne, not, or, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { Database } from '../database/client';
import { syncRuns, syncState } from '../database/schema';
import type { SyncWork } from './person';
import { isBehind, isUnreconciled, looseEnds, type PersonState, type SyncRun } from './sync-state';

/** Who is on the way through the queue, in Postgres. Methods reject when the database cannot be reached. */
export interface BatchState {
  /**
   * Chooses at most `limit` people for a run that was kept before, and keeps other runs from sending them again for five minutes: those whose
   * index is behind, in a full run everybody. Who was given up goes with full runs only. The run is complete once nobody waits any more.
   */
  send(run: KeptRun, limit: number): Promise<{ userId: string; isAlone: boolean }[]>;
  /** The run, and which of these people it still waits for; null where no such run is known. */
  read(runId: number, userIds: string[]): Promise<{ kind: SyncRun['kind']; people: PersonState[] } | null>;
  /** A batch has ended: counts what it did to its run, lets the next tick send whom it left, and completes every run that waits for nobody. */
  settle(runId: number, userIds: string[], done: { work: SyncWork; errors: number }): Promise<void>;
  /** A batch failed for good: its people go alone next time; who went alone is given up. */
  giveUp(runId: number, userIds: string[]): Promise<void>;
  /** How many people are given up, until they are synced by a full run, or by name. */
  givenUp(): Promise<number>;
}

export type KeptRun = Pick<SyncRun, 'kind' | 'startedAt'> & { id: number };

/** As long as the host lets a batch run: after that its message was lost, or it waits in a long queue, where a second one does no harm. */
const resendMs = 300_000;

const batchFailed = 'batch_failed';
const givenUp = 'given_up';

export function createBatchState(database: Database, now: () => Date): BatchState {
  /** The run's kind, and the condition for people to be waited for by it. */
  const find = async (runId: number) => {
    const db = await database.open();
    const [run] = await db.select().from(syncRuns).where(eq(syncRuns.id, runId));
    if (!run) return null;
    return { kind: run.kind, isWaiting: run.kind === 'full' ? isUnreconciled(run.startedAt) : isBehind };
  };

  /** Of a run that looks for changes, who is up to date meanwhile holds up nothing. */
  const complete = async () => {
    const db = await database.open();
    const isWaitedFor = and(lte(syncState.queuedRun, syncRuns.id), or(eq(syncRuns.kind, 'full'), isBehind));
    await db
      .update(syncRuns)
      .set({ complete: true, endedAt: now() })
      .where(
        and(
          eq(syncRuns.queued, true),
          eq(syncRuns.complete, false),
          not(exists(db.select({ one: sql`1` }).from(syncState).where(isWaitedFor))),
        ),
      );
  };

  return {
    send: async ({ id, kind, startedAt }, limit) => {
      const db = await database.open();
      const at = now();
      const isUnsent = or(isNull(syncState.queuedUntil), lte(syncState.queuedUntil, at));
      const isWanted =
        kind === 'full'
          ? isUnreconciled(startedAt)
          : and(isBehind, isUnsent, or(isNull(syncState.lastError), ne(syncState.lastError, givenUp)));
      const chosen = db
        .select({ userId: syncState.userId })
        .from(syncState)
        .where(isWanted)
        .orderBy(sql`${kind === 'full' ? syncState.reconciledAt : syncState.attemptedAt} nulls first`)
        .limit(limit);
      const people = await db
        .update(syncState)
        .set({
          queuedRun: sql`coalesce(${syncState.queuedRun}, ${id})`,
          queuedUntil: new Date(at.getTime() + resendMs),
        })
        .where(inArray(syncState.userId, chosen))
        .returning({ userId: syncState.userId, lastError: syncState.lastError });
      const isAll = people.length < limit;
      await db.update(syncRuns).set({ people: people.length, queued: isAll }).where(eq(syncRuns.id, id));
      await complete();
      const hasFailed = (lastError: string | null) => lastError === batchFailed || lastError === givenUp;
      return people.map(({ userId, lastError }) => ({ userId, isAlone: hasFailed(lastError) }));
    },
    read: async (runId, userIds) => {
      const run = await find(runId);
      if (!run) return null;
      const db = await database.open();
      const isAsked = and(inArray(syncState.userId, userIds), run.isWaiting);
      return { kind: run.kind, people: await db.select().from(syncState).where(isAsked) };
    },
    settle: async (runId, userIds, { work, errors }) => {
      const db = await database.open();
      const sums = {
        written: plus(syncRuns.written, work.written),
        removed: plus(syncRuns.removed, work.removed),
        missing: plus(syncRuns.missing, work.missing),
        changed: plus(syncRuns.changed, work.changed),
        orphaned: plus(syncRuns.orphaned, work.orphaned),
        factsMissing: plus(syncRuns.factsMissing, work.factsMissing),
        factsChanged: plus(syncRuns.factsChanged, work.factsChanged),
        factsOrphaned: plus(syncRuns.factsOrphaned, work.factsOrphaned),
        errors: plus(syncRuns.errors, errors),
      };
      await db.update(syncRuns).set(sums).where(eq(syncRuns.id, runId));
      await db.update(syncState).set({ queuedUntil: null }).where(inArray(syncState.userId, userIds));
      await complete();
    },
    giveUp: async (runId, userIds) => {
      const run = await find(runId);
      if (!run) return;
      const db = await database.open();
      const lastError = userIds.length > 1 ? batchFailed : givenUp;
      await db
        .update(syncState)
        .set({ ...looseEnds, attemptedAt: now(), failures: plus(syncState.failures, 1), lastError })
        .where(and(inArray(syncState.userId, userIds), run.isWaiting));
      await complete();
    },
    givenUp: async () => {
      const db = await database.open();
      const [row] = await db.select({ people: count() }).from(syncState).where(eq(syncState.lastError, givenUp));
      return row?.people ?? 0;
    },
  };
}

const plus = (column: AnyPgColumn, by: number) => sql`${column} + ${by}`;
