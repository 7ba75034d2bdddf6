import { and, asc, eq, exists, inArray, isNotNull, isNull, lte, min, ne, or, type SQL, sql } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { openWithFreedLeases } from '../database/freed-leases';
import { insertAsOne } from '../database/rows-as-one';
import { type OutboxWrite, outbox } from '../database/schema';
import { isFinished, noteFinished } from './finished-operations';
import type { AcceptedWrite, Outbox, TakenWrite } from './outbox-contract';
import type { Attempt } from './provider';
import { reviveWrite } from './revive-write';

/** How long one attempt may take before another process may look after it. Longer than any request's budget. */
const leaseMs = 60_000;
/** How long after its end, as we saw it, an attempt may still show at the provider. */
const lateMs = 10_000;

/** 1 s, doubling, at most 10 minutes. */
export const backoffMs = (attempts: number): number => Math.min(1_000 * 2 ** Math.max(0, attempts - 1), 600_000);

/** Keeps new writes in a transaction of a room's own, together with its rows of them. */
export async function insertWrites(tx: Pick<Db, 'execute'>, writes: AcceptedWrite[], at: Date): Promise<void> {
  if (writes.length === 0) return;
  const { operationId, userId, write, state, nextAttemptAt, createdAt } = outbox;
  const rows = writes.map((each) => ({ ...each, state: 'waiting', nextAttemptAt: at, createdAt: at }));
  await insertAsOne(tx, outbox, [operationId, userId, write, state, nextAttemptAt, createdAt], rows);
}

/** One of a room that was never sent. */
const isNewAdd = sql`${outbox.state} = 'waiting' and ${outbox.write} ? 'origin' and ${outbox.write} ->> 'kind' = 'add'`;

const isOnce = (write: OutboxWrite) => write.kind === 'add' && write.once === true;

export function createOutbox(database: Database, now: () => Date): Outbox {
  const open = openWithFreedLeases(database, (db) => db.update(outbox).set({ leasedUntil: null }));
  const due = () =>
    and(
      ne(outbox.state, 'dead'),
      lte(outbox.nextAttemptAt, now()),
      or(sql`${outbox.leasedUntil} is null`, lte(outbox.leasedUntil, now())),
    );
  const release = async ({ sequence }: TakenWrite, values: Partial<typeof outbox.$inferInsert>) => {
    await (await open())
      .update(outbox)
      .set({ leasedUntil: null, ...values })
      .where(eq(outbox.sequence, sequence));
  };
  const after = (delayMs: number) => new Date(now().getTime() + delayMs);
  /** Should its process die, it may arrive for as long as another one waits before it looks after it. */
  const newAttempt = (): Attempt => ({ sentAt: now(), arrivesUntil: after(leaseMs), eventId: null });

  /** Takes new adds of rooms that are due. */
  const takeAdds = async (whose: SQL | undefined, atMost: number): Promise<TakenWrite[]> => {
    const db = await open();
    const attempt = newAttempt();
    const next = db.$with('next').as(
      db
        .select({ sequence: outbox.sequence })
        .from(outbox)
        .where(and(whose, isNewAdd, due()))
        .orderBy(asc(outbox.sequence))
        .limit(atMost)
        .for('update', { skipLocked: true }),
    );
    const rows = await db
      .with(next)
      .update(outbox)
      .set({ state: 'sending', ...attempt, attempts: sql`${outbox.attempts} + 1`, leasedUntil: after(leaseMs) })
      .from(next)
      .where(eq(outbox.sequence, next.sequence))
      .returning({
        ...{ sequence: outbox.sequence, operationId: outbox.operationId, userId: outbox.userId },
        ...{ write: outbox.write, attempts: outbox.attempts },
      });
    const taken = rows.map(
      (row): TakenWrite => ({ ...row, write: reviveWrite(row.write), found: 'waiting', attempt, hasMore: true }),
    );
    return taken.sort((a, b) => a.sequence - b.sequence);
  };

  return {
    accept: async (userId, operationId, write) => {
      const db = await open();
      const at = now();
      const insert = (on: Pick<Db, 'insert'>) =>
        on
          .insert(outbox)
          .values({ operationId, userId, write, state: 'waiting', nextAttemptAt: at, createdAt: at })
          .onConflictDoNothing({ target: outbox.operationId })
          .returning({ operationId: outbox.operationId });
      if (!isOnce(write)) return void (await insert(db));
      await db.transaction(async (tx) => {
        // Whoever finishes it notes that and takes it out in one step: what is not there was noted, or is new.
        const isNew = (await insert(tx)).length > 0;
        if (isNew && (await isFinished(tx, userId, operationId)))
          await tx.delete(outbox).where(eq(outbox.operationId, operationId));
      });
    },
    acceptWith: async (writes, keepRows) => {
      const db = await open();
      await db.transaction(async (tx) => {
        await keepRows(tx);
        await insertWrites(tx, writes, now());
      });
    },
    take: async (userId) => {
      const db = await open();
      const ofPerson = eq(outbox.userId, userId);
      const first = db
        .select({ sequence: min(outbox.sequence) })
        .from(outbox)
        .where(and(ofPerson, or(eq(outbox.state, 'waiting'), eq(outbox.state, 'sending'))));
      // Another process that is just taking it has it locked: then it is not ours, and its next one not in turn.
      const next = db.$with('next').as(
        db
          .select({ sequence: outbox.sequence, found: sql<TakenWrite['found']>`${outbox.state}`.as('found') })
          .from(outbox)
          .where(
            and(
              ofPerson,
              due(),
              or(inArray(outbox.state, ['pending', 'stored']), eq(outbox.sequence, sql`(${first})`)),
            ),
          )
          .orderBy(asc(outbox.sequence))
          .limit(1)
          .for('update', { skipLocked: true }),
      );
      const begun = newAttempt();
      const isNew = sql`(${outbox.state} = 'waiting' or ${outbox.sentAt} is null)`;
      const moment = (at: Date) => sql`${sql.param(at, outbox.sentAt)}::timestamptz`;
      const [row] = await db
        .with(next)
        .update(outbox)
        .set({
          state: sql`case when ${outbox.state} = 'waiting' then 'sending' else ${outbox.state} end`,
          // What is waiting begins a new attempt; the others go on with the one that is to be asked about.
          sentAt: sql`case when ${isNew} then ${moment(begun.sentAt)} else ${outbox.sentAt} end`,
          arrivesUntil: sql`case when ${isNew} then ${moment(begun.arrivesUntil)} else ${outbox.arrivesUntil} end`,
          eventId: sql`case when ${isNew} then null else ${outbox.eventId} end`,
          attempts: sql`${outbox.attempts} + 1`,
          leasedUntil: after(leaseMs),
        })
        .from(next)
        .where(eq(outbox.sequence, next.sequence))
        .returning({
          sequence: outbox.sequence,
          operationId: outbox.operationId,
          write: outbox.write,
          attempts: outbox.attempts,
          sentAt: outbox.sentAt,
          arrivesUntil: outbox.arrivesUntil,
          eventId: outbox.eventId,
          found: next.found,
          hasMore: sql<boolean>`exists (select from ${outbox} other where other.user_id = ${userId} and other.sequence <> ${outbox.sequence} and other.state <> 'dead')`,
        });
      if (!row) return null;
      const { sentAt, arrivesUntil, eventId, ...taken } = row;
      const attempt = { sentAt: sentAt ?? begun.sentAt, arrivesUntil: arrivesUntil ?? begun.arrivesUntil, eventId };
      return { ...taken, userId, attempt, write: reviveWrite(row.write) };
    },
    takeAlong: (userId, atMost) => takeAdds(eq(outbox.userId, userId), atMost),
    takeNew: (userIds, atMost) => {
      const theirs = sql`${outbox.userId} = any(${sql.param(userIds)}::text[])`;
      const isOnItsWay = inArray(outbox.state, ['waiting', 'sending']);
      // In one look at these people's writes: asked write by write, Postgres looks at everybody's.
      const busy = sql`(select ${outbox.userId} from ${outbox} where ${theirs} and ${isOnItsWay} and not (${isNewAdd}))`;
      return takeAdds(and(theirs, sql`${outbox.userId} not in ${busy}`), atMost);
    },
    takeToShelter: async (userId) => {
      const db = await open();
      const isQueued = inArray(outbox.state, ['waiting', 'sending']);
      const first = db
        .select({ sequence: min(outbox.sequence) })
        .from(outbox)
        .where(and(eq(outbox.userId, userId), isQueued));
      const failed = db
        .select({ sequence: outbox.sequence })
        .from(outbox)
        .where(and(eq(outbox.sequence, sql`(${first})`), isNotNull(outbox.lastError)));
      const isFree = or(isNull(outbox.leasedUntil), lte(outbox.leasedUntil, now()));
      const rows = await db
        .update(outbox)
        .set({ leasedUntil: after(leaseMs) })
        .where(and(eq(outbox.userId, userId), isQueued, isFree, exists(failed), sql`not ${outbox.write} ? 'sheltered'`))
        .returning({
          ...{ sequence: outbox.sequence, operationId: outbox.operationId },
          ...{ write: outbox.write, attempts: outbox.attempts },
        });
      const attempt = newAttempt();
      const taken = rows.map((row): TakenWrite => {
        return { ...row, userId, write: reviveWrite(row.write), found: 'waiting', attempt, hasMore: true };
      });
      return taken.sort((a, b) => a.sequence - b.sequence);
    },
    sheltered: (taken, ids) => release(taken, ids ? { write: { ...taken.write, sheltered: ids } } : {}),
    finish: async (taken) => {
      const db = await open();
      const [first] = taken;
      const sequences = taken.map(({ sequence }) => sequence);
      const done =
        first && taken.length === 1 ? eq(outbox.sequence, first.sequence) : inArray(outbox.sequence, sequences);
      if (!first || !isOnce(first.write)) return void (await db.delete(outbox).where(done));
      const noted = db.$with('noted').as(noteFinished(db, first.userId, first.operationId));
      await db.with(noted).delete(outbox).where(done);
    },
    retry: (taken, { code, delayMs, outcomeUnknown, isOver = false, write }) => {
      const state = outcomeUnknown ? 'sending' : 'waiting';
      const changes = { ...(isOver && { arrivesUntil: after(lateMs) }), ...(write && { write }) };
      return release(taken, { state, lastError: code, nextAttemptAt: after(delayMs), ...changes });
    },
    resend: async ({ sequence }) => {
      await (await open())
        .update(outbox)
        .set({ state: 'sending', ...newAttempt() })
        .where(eq(outbox.sequence, sequence));
    },
    pending: (taken, { eventId, delayMs }) => {
      const look = { eventId, attempts: taken.attempts - 1 };
      const { arrivesUntil } = taken.attempt;
      return eventId
        ? release(taken, { ...look, state: 'pending', lastError: 'provider_pending', nextAttemptAt: after(delayMs) })
        : release(taken, { ...look, state: 'sending', lastError: 'outcome_unknown', nextAttemptAt: arrivesUntil });
    },
    stored: (taken, { code, delayMs }) =>
      release(taken, { state: 'stored', lastError: code, nextAttemptAt: after(delayMs) }),
    bury: (taken, code) => release(taken, { state: 'dead', lastError: code }),
    stateOf: async (operationId) => {
      const [row] = await (await open())
        .select({ state: outbox.state })
        .from(outbox)
        .where(eq(outbox.operationId, operationId));
      return row?.state ?? null;
    },
    unsent: async (userId) => {
      const rows = await (await open())
        .select({ write: outbox.write })
        .from(outbox)
        .where(and(eq(outbox.userId, userId), inArray(outbox.state, ['waiting', 'sending', 'pending'])))
        .orderBy(asc(outbox.sequence));
      return rows.map(({ write }) => reviveWrite(write));
    },
    duePeople: async (limit, among) => {
      const named = among && sql`${outbox.userId} = any(${sql.param(among)}::text[])`;
      const rows = await (await open())
        .select({ userId: outbox.userId })
        .from(outbox)
        .where(and(due(), named))
        .groupBy(outbox.userId)
        .orderBy(sql`min(${outbox.sequence})`)
        .limit(limit);
      return rows.map(({ userId }) => userId);
    },
    status: async () => {
      const [row] = await (await open())
        .select({
          waiting: sql<number>`count(*) filter (where ${outbox.state} <> 'dead')`.mapWith(Number),
          dead: sql<number>`count(*) filter (where ${outbox.state} = 'dead')`.mapWith(Number),
          oldest: sql<Date | null>`min(${outbox.createdAt}) filter (where ${outbox.state} <> 'dead')`.mapWith(
            outbox.createdAt,
          ),
        })
        .from(outbox);
      const oldest = row?.oldest ?? null;
      const oldestSeconds = oldest ? Math.max(0, Math.round((now().getTime() - oldest.getTime()) / 1000)) : 0;
      return { waiting: row?.waiting ?? 0, oldestSeconds, dead: row?.dead ?? 0 };
    },
  };
}
