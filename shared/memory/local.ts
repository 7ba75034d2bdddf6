import { and, desc, eq, gt, gte, inArray, sql } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { givenColumns, insertAsOne, rowsAsOne } from '../database/rows-as-one';
import { memories, memoryEvents } from '../database/schema';
import { fromCursor, toPage } from './cursor';
import { derivedId } from './derived-id';
import type { Memory } from './memory';
import { type AddReceipt, type MemoryProvider, type NewMemory, ProviderError } from './provider';
import { extractFacts } from './salience';
import { withChange } from './shown';

const memoryColumns = givenColumns(memories);
const eventColumns = givenColumns(memoryEvents);

type Row = typeof memories.$inferSelect;

const toMemory = ({ operationId: _, ...memory }: Row): Memory => memory;

/** The memories that a write makes. Ids derive from the write, the first one is its own: sent again, it makes the same ones. */
function toRows(memory: NewMemory, now: Date): Row[] {
  const { operationId, userId, type, topic, tags, metadata, sessionId, expiresAt, supersededBy = null } = memory;
  const kept = memory.infer ? extractFacts(memory.utterances) : memory.utterances;
  return kept.map((utterance, i) => ({
    id: i === 0 ? operationId : derivedId(operationId, i),
    ...{ operationId, userId, type, topic, tags, metadata, sessionId, expiresAt },
    text: utterance.content,
    speaker: utterance.name,
    createdAt: utterance.at ?? memory.at,
    updatedAt: now,
    supersededBy,
  }));
}

/**
 * Inserts the rows that are not there yet, each with the event of its arrival; gives the ids of those. A row of a transaction under way
 * is waited for: it is there when that one commits, and ours when it does not.
 */
async function insertNew(tx: Pick<Db, 'insert' | 'execute'>, rows: readonly Row[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const select = rowsAsOne(memories, memoryColumns, rows);
  const inserted = await tx.insert(memories).select(select).onConflictDoNothing().returning({ id: memories.id });
  const ids = new Set(inserted.map(({ id }) => id));
  const events = rows
    .filter(({ id }) => ids.has(id))
    .map(({ id: memoryId, userId, text, updatedAt: at }) => ({ memoryId, userId, text, at, event: 'add' }));
  await insertAsOne(tx, memoryEvents, eventColumns, events);
  return ids;
}

/**
 * The provider that needs no account: memories in our own Postgres. Facts are kept by rule (see salience.ts). Rejects with
 * `ProviderError` `unavailable` when the database cannot be reached.
 */
export function createLocalProvider(database: Database, now: () => Date): MemoryProvider {
  const call = async <T>(signal: AbortSignal, work: (db: Db) => Promise<T>, writes = false): Promise<T> => {
    signal.throwIfAborted();
    try {
      return await work(await database.open());
    } catch (cause) {
      throw new ProviderError('local', 'unavailable', { retryable: true, outcomeUnknown: writes, cause });
    }
  };

  /** The memories of the operations of these people that have arrived, by their ids. */
  const findOperations = async (
    db: Pick<Db, 'select'>,
    userIds: string[],
    operationIds: string[],
  ): Promise<Map<string, Memory[]>> => {
    if (operationIds.length === 0) return new Map();
    const { memoryId, userId: owner, event } = memoryEvents;
    // The event outlives the memory: a write whose memory was deleted since then has arrived, too.
    const arrived = await db
      .select({ id: memoryId })
      .from(memoryEvents)
      .where(and(inArray(memoryId, operationIds), inArray(owner, userIds), eq(event, 'add')));
    if (arrived.length === 0) return new Map();
    const ids = arrived.map(({ id }) => id);
    const rows = await db
      .select()
      .from(memories)
      .where(and(inArray(memories.userId, userIds), inArray(memories.operationId, ids)));
    return new Map(ids.map((id) => [id, rows.filter(({ operationId }) => operationId === id).map(toMemory)]));
  };

  const addAll: NonNullable<MemoryProvider['addAll']> = (added, signal) =>
    call(
      signal,
      (db) =>
        db.transaction(async (tx) => {
          const userIds = [...new Set(added.map(({ userId }) => userId))];
          const ids = added.map(({ operationId }) => operationId);
          const earlier = await findOperations(tx, userIds, ids);
          const made = new Map(
            added
              .filter(({ operationId }) => !earlier.has(operationId))
              .map((memory) => [memory.operationId, toRows(memory, now())]),
          );
          const inserted = await insertNew(tx, [...made.values()].flat());
          // Sent twice at the same time: the other sending has stored these since we looked.
          const others = [...made].filter(([, rows]) => rows.some(({ id }) => !inserted.has(id))).map(([id]) => id);
          const meanwhile = await findOperations(tx, userIds, others);
          return ids.map((id) => ({
            status: 'stored' as const,
            memories: earlier.get(id) ?? meanwhile.get(id) ?? (made.get(id) ?? []).map(toMemory),
          }));
        }),
      true,
    );

  /** Changes one row and writes its history in one transaction; null when there is no such row. */
  const change = (id: string, event: 'update' | 'delete', signal: AbortSignal, values: (row: Row) => Partial<Row>) =>
    call(
      signal,
      (db) =>
        db.transaction(async (tx) => {
          const [row] = await tx.select().from(memories).where(eq(memories.id, id)).for('update');
          if (!row) return null;
          const changed: Row = { ...row, ...values(row), updatedAt: now() };
          if (event === 'update') await tx.update(memories).set(changed).where(eq(memories.id, id));
          else await tx.delete(memories).where(eq(memories.id, id));
          await tx.insert(memoryEvents).values({
            ...{ memoryId: id, userId: row.userId, event, previousText: row.text, at: changed.updatedAt },
            text: event === 'update' ? changed.text : null,
          });
          return toMemory(changed);
        }),
      true,
    );

  return {
    name: 'local',
    add: async (memory, signal) => {
      const [receipt] = await addAll([memory], signal);
      return receipt as AddReceipt;
    },
    addAll,
    find: (userId, operationId, _attempt, signal) =>
      call(signal, async (db) => {
        const found = (await findOperations(db, [userId], [operationId])).get(operationId);
        return found ? { status: 'stored', memories: found } : null;
      }),
    get: (id, signal) =>
      call(signal, async (db) => {
        const [row] = await db.select().from(memories).where(eq(memories.id, id));
        return row ? toMemory(row) : null;
      }),
    update: (id, values, signal) => change(id, 'update', signal, (row) => withChange(toMemory(row), values)),
    delete: async (id, signal) => (await change(id, 'delete', signal, () => ({}))) !== null,
    forget: (id, signal) =>
      call(
        signal,
        async (db) => {
          // The events stay: by them a write is known to have arrived.
          const words = { text: null, previousText: null };
          await db.update(memoryEvents).set(words).where(eq(memoryEvents.memoryId, id));
        },
        true,
      ),
    list: async (userId, { limit, cursor, type, changedSince }, signal) => {
      const after = fromCursor(cursor, ['time', 'uuid']);
      return call(signal, async (db) => {
        const rows = await db
          .select()
          .from(memories)
          .where(
            and(
              eq(memories.userId, userId),
              type === undefined ? undefined : eq(memories.type, type),
              changedSince && gte(memories.updatedAt, changedSince),
              after && sql`(${memories.createdAt}, ${memories.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
            ),
          )
          .orderBy(desc(memories.createdAt), desc(memories.id))
          .limit(limit + 1);
        return toPage(rows.map(toMemory), limit, (last) => [last.createdAt.toISOString(), last.id]);
      });
    },
    search: (userId, query, limit, signal) =>
      call(signal, async (db) => {
        const words = sql`to_tsvector('simple', ${memories.text})`;
        const any = sql`replace(plainto_tsquery('simple', ${query})::text, '&', '|')::tsquery`;
        const rows = await db
          .select()
          .from(memories)
          .where(and(eq(memories.userId, userId), sql`${words} @@ ${any}`))
          .orderBy(desc(sql`ts_rank_cd(${words}, ${any})`), desc(memories.createdAt))
          .limit(limit);
        return rows.map(toMemory);
      }),
    history: (id, signal) =>
      call(signal, async (db) => {
        const rows = await db.select().from(memoryEvents).where(eq(memoryEvents.memoryId, id)).orderBy(memoryEvents.id);
        return rows.map(({ memoryId, event, previousText, text, at }) => ({ memoryId, event, previousText, text, at }));
      }),
    users: async ({ limit, cursor }, signal) => {
      const after = fromCursor(cursor, ['text']);
      return call(signal, async (db) => {
        const rows = await db
          .select({
            userId: memories.userId,
            memories: sql<number>`count(*)`.mapWith(Number),
            lastMemoryAt: sql`max(${memories.createdAt})`.mapWith(memories.createdAt),
          })
          .from(memories)
          .where(after && gt(memories.userId, after[0]))
          .groupBy(memories.userId)
          .orderBy(memories.userId)
          .limit(limit + 1);
        return toPage(rows, limit, (last) => [last.userId]);
      });
    },
    changedPeople: async (since, { limit, cursor }, signal) => {
      const after = fromCursor(cursor, ['text']);
      return call(signal, async (db) => {
        const rows = await db
          .select({
            userId: memories.userId,
            changedAt: sql<Date>`max(${memories.updatedAt})`.mapWith(memories.updatedAt),
          })
          .from(memories)
          .where(and(since ? gte(memories.updatedAt, since) : undefined, after && gt(memories.userId, after[0])))
          .groupBy(memories.userId)
          .orderBy(memories.userId)
          .limit(limit + 1);
        return toPage(rows, limit, (last) => [last.userId]);
      });
    },
  };
}
