import { and, count, desc, eq, isNull, max } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { tombstones } from '../database/schema';
import { exchanges } from '../database/schema-conversations';
import type { Memory } from '../memory/memory';
import type { Exchange } from './conversations-contract';

/** The exchanges of calls in Postgres. Every method rejects when the database cannot be reached. */
export interface Exchanges {
  /** Newest first. What was deleted as a memory is left out. */
  byUser(userId: string, limit: number): Promise<Exchange[]>;
  /** Newest first, whoever spoke. */
  bySession(sessionId: string, limit: number): Promise<Exchange[]>;
  /** The person's exchanges over all sessions, and when the last one was. */
  totals(userId: string): Promise<{ count: number; lastAt: Date | null }>;
  /** Who spoke last in a session, or null. */
  personOf(sessionId: string): Promise<string | null>;
  /** The provider's memory of an exchange, and its topic. */
  arrived(operationId: string, memories: Memory[]): Promise<void>;
}

/** Keeps the rows of new exchanges in a transaction of the outbox's. */
export const insertExchanges = (tx: Pick<Db, 'insert'>, rows: Exchange[]) => tx.insert(exchanges).values(rows);

const newestFirst = [desc(exchanges.at), desc(exchanges.id)];

export function createExchanges(database: Database): Exchanges {
  const last = async (whose: ReturnType<typeof eq>, limit: number): Promise<Exchange[]> => {
    const db = await database.open();
    const rows = await db
      .select({ exchange: exchanges })
      .from(exchanges)
      .leftJoin(tombstones, eq(tombstones.memoryId, exchanges.memoryId))
      .where(and(whose, isNull(tombstones.memoryId)))
      .orderBy(...newestFirst)
      .limit(limit);
    return rows.map(({ exchange }) => exchange);
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
    personOf: async (sessionId) => {
      const [row] = await last(eq(exchanges.sessionId, sessionId), 1);
      return row?.userId ?? null;
    },
    arrived: async (operationId, [memory]) => {
      if (!memory) return;
      const db = await database.open();
      await db
        .update(exchanges)
        .set({ memoryId: memory.id, topic: memory.topic })
        .where(eq(exchanges.operationId, operationId));
    },
  };
}
