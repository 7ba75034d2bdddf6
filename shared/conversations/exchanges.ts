import { count, desc, eq, max, sql } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { givenColumns, rowsAsOne } from '../database/rows-as-one';
import { exchanges } from '../database/schema-conversations';
import type { Memory } from '../memory/memory';
import type { Exchange } from './conversations-contract';

/** The exchanges of calls in Postgres. Every method rejects when the database cannot be reached. */
export interface Exchanges {
  /** Newest first. What is deleted as a memory is deleted here, too, see memory/tombstones.ts. */
  byUser(userId: string, limit: number): Promise<Exchange[]>;
  /** Newest first, whoever spoke. */
  bySession(sessionId: string, limit: number): Promise<Exchange[]>;
  /** The person's exchanges over all sessions, and when the last one was. */
  totals(userId: string): Promise<{ count: number; lastAt: Date | null }>;
  /** Who spoke last in each of these sessions; those that nobody spoke in are left out. */
  peopleOf(sessionIds: string[]): Promise<Map<string, string>>;
  /** The provider's memories of exchanges, by their own ids; those that it has none of are left out. */
  memoriesOf(ids: string[]): Promise<Map<string, string>>;
  /** The provider's memories of exchanges, by their operations, and their topics. */
  arrived(memories: ReadonlyMap<string, Memory[]>): Promise<void>;
}

/** Keeps the rows of new exchanges in a transaction of the outbox's. */
export const insertExchanges = (tx: Pick<Db, 'insert'>, rows: Exchange[]) =>
  tx.insert(exchanges).select(rowsAsOne(exchanges, givenColumns(exchanges), rows));

const newestFirst = [desc(exchanges.at), desc(exchanges.id)];

export function createExchanges(database: Database): Exchanges {
  const last = async (whose: ReturnType<typeof eq>, limit: number): Promise<Exchange[]> => {
    const db = await database.open();
    return db
      .select()
      .from(exchanges)
      .where(whose)
      .orderBy(...newestFirst)
      .limit(limit);
  };
  return {
    byUser: (userId, limit) => last(eq(exchanges.userId, userId), limit),
    bySession: (sessionId, limit) => last(eq(exchanges.sessionId, sessionId), limit),
    totals: async (userId) => {
      const db = await database.open();
      const [row] = await db
        .select({ count: count(), lastAt: max(exchanges.at) })
        .from(exchanges)
        .where(eq(exchanges.userId, userId));
      return { count: row?.count ?? 0, lastAt: row?.lastAt ?? null };
    },
    peopleOf: async (sessionIds) => {
      const db = await database.open();
      const rows = await db
        .selectDistinctOn([exchanges.sessionId], { sessionId: exchanges.sessionId, userId: exchanges.userId })
        .from(exchanges)
        .where(sql`${exchanges.sessionId} = any(${sql.param(sessionIds)}::text[])`)
        .orderBy(exchanges.sessionId, ...newestFirst);
      return new Map(rows.map(({ sessionId, userId }) => [sessionId, userId]));
    },
    memoriesOf: async (ids) => {
      const db = await database.open();
      const rows = await db
        .select({ id: exchanges.id, memoryId: exchanges.memoryId })
        .from(exchanges)
        .where(sql`${exchanges.id} = any(${sql.param(ids)}::text[])`);
      return new Map(rows.flatMap(({ id, memoryId }) => (memoryId ? [[id, memoryId]] : [])));
    },
    arrived: async (arrived) => {
      const db = await database.open();
      const given = [...arrived].map(([operation_id, [memory]]) => {
        return { operation_id, memory_id: memory?.id, topic: memory?.topic };
      });
      const rows = sql`json_to_recordset(${JSON.stringify(given)}::json) as given(operation_id uuid, memory_id text, topic text)`;
      await db
        .update(exchanges)
        .set({ memoryId: sql`given.memory_id`, topic: sql`given.topic` })
        .from(rows)
        .where(eq(exchanges.operationId, sql`given.operation_id`));
    },
  };
}
