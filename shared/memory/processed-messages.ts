import { and, eq } from 'drizzle-orm';
import type { Database } from '../database/client';
import { processedMessages } from '../database/schema';

/** First answers by the channel's message id, as JSON. Both methods reject when the database cannot be reached. */
export interface ProcessedMessages {
  /** The first answer that `door` gave to this message, or null. */
  find(userId: string, door: string, messageId: string): Promise<unknown | null>;
  /** Keeps an answer unless there is one already, and returns the one that holds. */
  keep(userId: string, door: string, messageId: string, answer: unknown): Promise<unknown>;
}

export function createProcessedMessages(database: Database): ProcessedMessages {
  const find: ProcessedMessages['find'] = async (userId, door, messageId) => {
    const db = await database.open();
    const { userId: user, door: at, messageId: message } = processedMessages;
    const [row] = await db
      .select({ answer: processedMessages.answer })
      .from(processedMessages)
      .where(and(eq(user, userId), eq(at, door), eq(message, messageId)));
    return row?.answer ?? null;
  };
  return {
    find,
    keep: async (userId, door, messageId, answer) => {
      const db = await database.open();
      await db.insert(processedMessages).values({ userId, door, messageId, answer }).onConflictDoNothing();
      return (await find(userId, door, messageId)) ?? answer;
    },
  };
}
