import { randomUUID } from 'node:crypto';
import { and, asc, desc, eq, inArray, isNull, lte, notInArray, or, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { openWithFreedLeases } from '../database/freed-leases';
import { rowsAsOne } from '../database/rows-as-one';
import { migrationItems, migrationPeople, migrationRuns } from '../database/schema-migration';
import { MigrationError, type MigrationState } from './migration-contract';
import { given } from './request';

export type RunRow = typeof migrationRuns.$inferSelect;
export type ItemRow = typeof migrationItems.$inferSelect;
export type ItemState = ItemRow['state'];

/** What became of an item. */
export type Mark = Pick<ItemRow, 'userId' | 'sourceId' | 'state'> &
  Partial<Pick<ItemRow, 'targetIds' | 'reason' | 'sentAt'>>;

/** What an earlier run into the same target left of an item. */
export type Earlier = Pick<ItemRow, 'runId' | 'sourceId' | 'state' | 'targetIds' | 'contentHash' | 'operationId'>;

/** Another process has the run: what this one was about to note is its no more. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** A run that this process has for itself. What is noted extends the lease; what another process would note fails with `LeaseLostError`. */
export interface Held {
  readonly run: RunRow;
  isBegun(userId: string): Promise<'new' | 'begun' | 'done'>;
  /** Notes the person and these items of theirs, those that are new. */
  plan(userId: string, rows: Omit<ItemRow, 'runId'>[]): Promise<void>;
  /** In one statement with whatever else is to be noted at the time; `calls` made meanwhile are counted with it. */
  mark(marks: Mark[]): Promise<void>;
  finishPerson(userId: string): Promise<void>;
  /** Ends it, or leaves it to be gone on with. */
  release(state: MigrationState, lastError: string | null, problems: Record<string, number>): Promise<void>;
}

export interface Checkpoints {
  create(run: Pick<RunRow, 'source' | 'target' | 'request'>): Promise<string>;
  get(runId: string): Promise<RunRow | null>;
  latest(limit: number): Promise<RunRow[]>;
  unfinished(): Promise<string[]>;
  /** Rejects with `MigrationError` where there is no such run, or another process has it. */
  hold(runId: string, state: 'running' | 'rolled_back', takeCalls: () => number): Promise<Held>;
  /** The person's items in their order; with `sourceIds` only those. */
  itemsOf(runId: string, userId: string, sourceIds?: string[]): Promise<ItemRow[]>;
  earlier(run: RunRow, userId: string, sourceIds: string[]): Promise<Earlier[]>;
  /** The run's people in the order of their ids, some at a time. */
  peopleOf(runId: string): AsyncIterable<string[]>;
  keepUntil(runId: string, at: Date): Promise<void>;
  /** Ends a run that could not even begin. */
  fail(runId: string, lastError: string): Promise<void>;
  /** What the target refused is to be tried once more, when the run is gone on with. */
  retryRefused(runId: string): Promise<void>;
}

const peopleAPage = 500;

/** Nobody stopped it: its process died, or a vendor was away for long. */
const isLeft = or(
  eq(migrationRuns.state, 'running'),
  and(
    eq(migrationRuns.state, 'paused'),
    sql`${migrationRuns.lastError} ~ '^(mem0|zep|local)_(timeout|unavailable|rate_limited)$'`,
  ),
);

/** All ids as one parameter: PGlite takes long over many. */
const isAmong = (sourceIds: string[]) =>
  sql`${migrationItems.sourceId} in (select json_array_elements_text(${JSON.stringify(sourceIds)}::json))`;

export function createCheckpoints(database: Database, now: () => Date, leaseMs: number): Checkpoints {
  const open = openWithFreedLeases(database, (db) => db.update(migrationRuns).set({ leasedUntil: null }));
  const leasedUntil = () => new Date(now().getTime() + leaseMs);
  const isFree = () => or(isNull(migrationRuns.leasedUntil), lte(migrationRuns.leasedUntil, now()));

  const get: Checkpoints['get'] = async (runId) => {
    const [run] = await (await open()).select().from(migrationRuns).where(eq(migrationRuns.id, runId));
    return run ?? null;
  };

  const hold: Checkpoints['hold'] = async (runId, state, takeCalls) => {
    const holder = randomUUID();
    const [run] = await (await open())
      .update(migrationRuns)
      .set({ holder, leasedUntil: leasedUntil(), state, endedAt: null, lastError: null })
      .where(and(eq(migrationRuns.id, runId), isFree()))
      .returning();
    if (!run) throw await whyNot(runId);
    const isHeld = sql`${migrationRuns.id} = ${runId} and ${migrationRuns.holder} = ${holder}`;
    const update = async (values: Partial<RunRow>) => {
      const set = { ...values, calls: sql`${migrationRuns.calls} + ${takeCalls()}` };
      const rows = await (await open())
        .update(migrationRuns)
        .set(set)
        .where(isHeld)
        .returning({ id: migrationRuns.id });
      if (rows.length === 0) throw new LeaseLostError();
    };
    const renewal = setInterval(() => void update({ leasedUntil: leasedUntil() }).catch(() => undefined), leaseMs / 3);
    renewal.unref();

    const write = async (marks: Mark[]) => {
      const json = marks.map((mark) => ({
        ...{ user_id: mark.userId, source_id: mark.sourceId, state: mark.state },
        ...{ target_ids: mark.targetIds, reason: mark.reason ?? null, sent_at: mark.sentAt },
      }));
      // The lateral with its offset has each row found by its key: a planner without statistics would read the whole run for a mark.
      const { rows } = (await (
        await open()
      ).execute(sql`
        with held as (
          update ${migrationRuns} set leased_until = ${sql.param(leasedUntil(), migrationRuns.leasedUntil)}, calls = calls + ${takeCalls()}
          where ${isHeld} returning id
        ), found as (
          select place, n.* from held, json_populate_recordset(null::${migrationItems}, ${JSON.stringify(json)}::json) n, lateral (
            select ctid as place from ${migrationItems}
            where run_id = held.id and user_id = n.user_id and source_id = n.source_id
            offset 0
          ) i
        )
        update ${migrationItems} i
        set state = n.state, target_ids = coalesce(n.target_ids, i.target_ids), reason = n.reason, sent_at = coalesce(n.sent_at, i.sent_at)
        from found n where i.ctid = n.place
        returning 1 as one
      `)) as unknown as { rows: unknown[] };
      if (rows.length === 0) throw new LeaseLostError();
    };
    // What comes while a statement is under way goes together with the next one.
    let collected: Mark[] = [];
    let writing: Promise<void> = Promise.resolve();
    let next: Promise<void> | null = null;

    return {
      run,
      isBegun: async (userId) => {
        const [person] = await (await open())
          .select()
          .from(migrationPeople)
          .where(and(eq(migrationPeople.runId, runId), eq(migrationPeople.userId, userId)));
        return person ? (person.doneAt ? 'done' : 'begun') : 'new';
      },
      plan: async (userId, rows) => {
        const db = await open();
        await db.insert(migrationPeople).values({ runId, userId }).onConflictDoNothing();
        if (rows.length === 0) return;
        const all = rows.map((row) => ({ ...row, runId }));
        const columns = Object.values(migrationItems).filter(
          (column) => typeof column === 'object' && 'name' in column,
        );
        await db
          .insert(migrationItems)
          .select(rowsAsOne(migrationItems, columns, all))
          .onConflictDoNothing();
      },
      mark: (marks) => {
        if (marks.length === 0) return Promise.resolve();
        collected.push(...marks);
        next ??= writing
          .catch(() => undefined)
          .then(() => {
            const taken = collected;
            collected = [];
            writing = next ?? Promise.resolve();
            next = null;
            return write(taken);
          });
        return next;
      },
      finishPerson: async (userId) => {
        await (await open())
          .update(migrationPeople)
          .set({ doneAt: now() })
          .where(and(eq(migrationPeople.runId, runId), eq(migrationPeople.userId, userId)));
      },
      release: async (state, lastError, problems) => {
        clearInterval(renewal);
        const endedAt = state === 'running' ? null : now();
        await update({ state, lastError, problems, leasedUntil: null, endedAt }).catch((error) => {
          if (!(error instanceof LeaseLostError)) throw error;
        });
      },
    };
  };

  const whyNot = async (runId: string) =>
    (await get(runId))
      ? new MigrationError('busy', `Run ${runId} is under way in another process, or was until seconds ago.`)
      : new MigrationError('unknown_run', `There is no run ${runId}.`);

  return {
    get,
    hold,
    create: async (run) => {
      const id = randomUUID();
      await (await open())
        .insert(migrationRuns)
        .values({ id, ...run, state: 'running', problems: {}, startedAt: now() });
      return id;
    },
    latest: async (limit) =>
      (await open()).select().from(migrationRuns).orderBy(desc(migrationRuns.startedAt)).limit(limit),
    unfinished: async () => {
      const rows = await (await open())
        .select({ id: migrationRuns.id })
        .from(migrationRuns)
        .where(and(isLeft, notInArray(migrationRuns.source, [given, 'file']), isFree()))
        .orderBy(asc(migrationRuns.startedAt));
      return rows.map(({ id }) => id);
    },
    itemsOf: async (runId, userId, sourceIds) => {
      const ofPerson = and(eq(migrationItems.runId, runId), eq(migrationItems.userId, userId));
      const wanted = sourceIds && isAmong(sourceIds);
      return (await open())
        .select()
        .from(migrationItems)
        .where(and(ofPerson, wanted))
        .orderBy(asc(migrationItems.position));
    },
    earlier: async ({ id, target }, userId, sourceIds) => {
      const { runId, sourceId, state, targetIds, contentHash, operationId } = migrationItems;
      return (await open())
        .select({ runId, sourceId, state, targetIds, contentHash, operationId })
        .from(migrationItems)
        .innerJoin(migrationRuns, eq(migrationRuns.id, runId))
        .where(
          and(
            eq(migrationItems.userId, userId),
            isAmong(sourceIds),
            eq(migrationRuns.target, target),
            sql`${runId} <> ${id}`,
          ),
        )
        .orderBy(asc(migrationRuns.startedAt));
    },
    peopleOf: async function* (runId) {
      for (let after = ''; ; ) {
        const rows = await (await open())
          .select({ userId: migrationPeople.userId })
          .from(migrationPeople)
          .where(and(eq(migrationPeople.runId, runId), sql`${migrationPeople.userId} > ${after}`))
          .orderBy(asc(migrationPeople.userId))
          .limit(peopleAPage);
        const last = rows.at(-1);
        if (!last) return;
        yield rows.map(({ userId }) => userId);
        after = last.userId;
      }
    },
    fail: async (runId, lastError) => {
      await (await open())
        .update(migrationRuns)
        .set({ state: 'failed', lastError, endedAt: now() })
        .where(and(eq(migrationRuns.id, runId), isFree()));
    },
    retryRefused: async (runId) => {
      const db = await open();
      const refused = and(eq(migrationItems.runId, runId), eq(migrationItems.state, 'poison'));
      const people = db.select({ userId: migrationItems.userId }).from(migrationItems).where(refused);
      await db
        .update(migrationPeople)
        .set({ doneAt: null })
        .where(and(eq(migrationPeople.runId, runId), inArray(migrationPeople.userId, people)));
      await db.update(migrationItems).set({ state: 'planned', reason: null }).where(refused);
    },
    keepUntil: async (runId, at) => {
      await (await open()).update(migrationRuns).set({ keepUntil: at }).where(eq(migrationRuns.id, runId));
    },
  };
}
