import { and, asc, eq, inArray, lte, ne, or, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { type OutboxWrite, outbox } from '../database/schema';
import type { Attempt, NewMemory } from './provider';

/** A write that was taken from the outbox to be sent. */
export interface TakenWrite {
  sequence: number;
  operationId: string;
  userId: string;
  write: OutboxWrite;
  attempts: number;
  /** The state it was found in: `sending` means that an earlier attempt may have arrived, `pending` that it did. */
  found: 'waiting' | 'sending' | 'pending' | 'stored';
  /** The attempt to ask about, or the one that begins now. */
  attempt: Attempt;
}

export interface OutboxStatus {
  waiting: number;
  /** Age of the oldest write that waits; 0 when none does. */
  oldestSeconds: number;
  /** Writes that the provider refused for good. */
  dead: number;
}

/** How long one attempt may take before another process may look after it. Longer than any request's budget. */
const leaseMs = 60_000;
/** How long after its end, as we saw it, an attempt may still show at the provider. */
const lateMs = 10_000;

/** 1 s, doubling, at most 10 minutes. */
export const backoffMs = (attempts: number): number => Math.min(1_000 * 2 ** Math.max(0, attempts - 1), 600_000);

/** JSON knows no dates. */
function revive(write: OutboxWrite): OutboxWrite {
  const date = <T extends Date | null | undefined>(value: T): T => (value ? (new Date(value) as T) : value);
  if (write.kind === 'update')
    return { ...write, change: { ...write.change, expiresAt: date(write.change.expiresAt) } };
  if (write.kind === 'delete') return write;
  const memory: NewMemory = {
    ...write.memory,
    at: date(write.memory.at),
    expiresAt: date(write.memory.expiresAt),
    utterances: write.memory.utterances.map((utterance) => ({ ...utterance, at: date(utterance.at) })),
  };
  return { kind: 'add', memory };
}

/**
 * Writes that were accepted and are not yet everywhere they belong, in Postgres. One person's writes leave in the order they
 * came, one at a time over all processes; different people's do not wait for each other. Methods reject when the database
 * cannot be reached.
 */
export interface Outbox {
  /** Keeps a write; it is durable once this resolves. The same operation twice is one write. */
  accept(userId: string, operationId: string, write: OutboxWrite): Promise<void>;
  /** Takes the person's next write that is due, or null. It is this caller's until `finish`, `retry`, `pending`, `stored` or `bury`, or for 60 s. */
  take(userId: string): Promise<TakenWrite | null>;
  /** It is everywhere it belongs. */
  finish(taken: TakenWrite): Promise<void>;
  /** It failed; `outcomeUnknown` keeps it in `sending`, so that the next attempt looks first. `isOver`: it was sent, and that ended now. */
  retry(
    taken: TakenWrite,
    failure: { code: string; delayMs: number; outcomeUnknown: boolean; isOver?: boolean },
  ): Promise<void>;
  /** The write is about to be sent once more: from now on it is this attempt that may arrive. */
  resend(taken: TakenWrite): Promise<void>;
  /** The provider took it and is at work on it: it no longer holds up the person's later writes. A look at it is not an attempt. */
  pending(taken: TakenWrite, next: { eventId: string; delayMs: number }): Promise<void>;
  /** The provider has it, the index not yet: it no longer holds up the person's later writes. */
  stored(taken: TakenWrite, failure: { code: string; delayMs: number }): Promise<void>;
  /** The provider refused it for good; kept for a person to look at. */
  bury(taken: TakenWrite, code: string): Promise<void>;
  /** Whether a write is still here, and how. */
  stateOf(operationId: string): Promise<'waiting' | 'sending' | 'pending' | 'stored' | 'dead' | null>;
  /** The person's writes that the provider does not show yet, oldest first. */
  unsent(userId: string): Promise<OutboxWrite[]>;
  /** People with a write that is due, the longest waiting first. */
  duePeople(limit: number): Promise<string[]>;
  status(): Promise<OutboxStatus>;
}

export function createOutbox(database: Database, now: () => Date): Outbox {
  let leasesFreed = database.engine === 'postgres';
  const open = async () => {
    const db = await database.open();
    if (!leasesFreed) {
      // The embedded database has one process: whoever held a lease when this one opened it is gone.
      leasesFreed = true;
      await db.update(outbox).set({ leasedUntil: null });
    }
    return db;
  };
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

  return {
    accept: async (userId, operationId, write) => {
      const at = now();
      await (await open())
        .insert(outbox)
        .values({ operationId, userId, write, state: 'waiting', nextAttemptAt: at, createdAt: at })
        .onConflictDoNothing({ target: outbox.operationId });
    },
    take: async (userId) =>
      (await open()).transaction(async (tx) => {
        // Locks the person's line, so that two processes do not take two of its writes at once.
        await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${userId}, 0))`);
        const [first] = await tx
          .select({ sequence: outbox.sequence })
          .from(outbox)
          .where(and(eq(outbox.userId, userId), inArray(outbox.state, ['waiting', 'sending'])))
          .orderBy(asc(outbox.sequence))
          .limit(1);
        const outOfLine = inArray(outbox.state, ['pending', 'stored']);
        const inTurn = first ? or(outOfLine, eq(outbox.sequence, first.sequence)) : outOfLine;
        const [row] = await tx
          .select()
          .from(outbox)
          .where(and(eq(outbox.userId, userId), due(), inTurn))
          .orderBy(asc(outbox.sequence))
          .limit(1);
        if (!row) return null;
        const found = row.state as TakenWrite['found'];
        const attempts = row.attempts + 1;
        const state = found === 'waiting' ? 'sending' : found;
        const { sentAt, arrivesUntil, eventId } = row;
        const isKnown = found !== 'waiting' && sentAt && arrivesUntil;
        const attempt = isKnown ? { sentAt, arrivesUntil, eventId } : newAttempt();
        await tx
          .update(outbox)
          .set({ state, attempts, ...attempt, leasedUntil: after(leaseMs) })
          .where(eq(outbox.sequence, row.sequence));
        const { sequence, operationId } = row;
        return { sequence, operationId, userId, write: revive(row.write), attempts, found, attempt };
      }),
    finish: async ({ sequence }) => {
      await (await open()).delete(outbox).where(eq(outbox.sequence, sequence));
    },
    retry: (taken, { code, delayMs, outcomeUnknown, isOver = false }) => {
      const state = outcomeUnknown ? 'sending' : 'waiting';
      const ended = isOver ? { arrivesUntil: after(lateMs) } : {};
      return release(taken, { state, lastError: code, nextAttemptAt: after(delayMs), ...ended });
    },
    resend: async ({ sequence }) => {
      await (await open())
        .update(outbox)
        .set({ state: 'sending', ...newAttempt() })
        .where(eq(outbox.sequence, sequence));
    },
    pending: (taken, { eventId, delayMs }) => {
      const next = { eventId, attempts: taken.attempts - 1, nextAttemptAt: after(delayMs) };
      return release(taken, { state: 'pending', lastError: 'provider_pending', ...next });
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
      return rows.map(({ write }) => revive(write));
    },
    duePeople: async (limit) => {
      const rows = await (await open())
        .select({ userId: outbox.userId })
        .from(outbox)
        .where(due())
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
