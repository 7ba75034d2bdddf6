import { and, eq } from 'drizzle-orm';
import type { Db } from '../database/client';
import { processedMessages } from '../database/schema';

/** Where they are noted among the processed messages. */
const door = 'outbox';

/** The statement that notes an operation as done, for one that may be accepted again. */
export const noteFinished = (db: Pick<Db, 'insert'>, userId: string, operationId: string) =>
  db
    .insert(processedMessages)
    .values({ userId, door, messageId: operationId, answer: true })
    .onConflictDoNothing()
    .returning({ messageId: processedMessages.messageId });

/** Whether an operation was noted as done. Rejects when the database cannot be reached. */
export async function isFinished(db: Pick<Db, 'select'>, userId: string, operationId: string): Promise<boolean> {
  const { userId: user, door: noter, messageId } = processedMessages;
  const noted = and(eq(user, userId), eq(noter, door), eq(messageId, operationId));
  return (await db.select({ messageId }).from(processedMessages).where(noted)).length > 0;
}
