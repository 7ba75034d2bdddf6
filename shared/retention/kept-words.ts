import { and, asc, eq, gt, inArray, lt, lte, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../database/client';
import { asService } from '../database/row-security';
import { memories, outbox, processedMessages } from '../database/schema';
import { companyBrainEvents, userBrainEvents } from '../database/schema-brain';
import { chatTurns, checkIns } from '../database/schema-chat';
import { exchanges, leads } from '../database/schema-conversations';
import { zepIds } from '../database/schema-migration';
import { brainType } from '../memory/memory';

/** A memory, and whose it is. */
export interface Owned {
  id: string;
  userId: string;
}

/** What our own tables keep of what was said. Every method rejects when the database cannot be reached. */
export interface KeptWords {
  /**
   * Deletes the rows that go with memories of a type and are of before a time, for as long as `signal` allows. Gives how many.
   * `unsent`: told of exchanges whose memory the provider has still to make, before their rows go.
   */
  remove(
    type: string,
    before: Date,
    unsent: (memories: Owned[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<number>;
  /** Memories that have expired at a provider which does not see to that itself, page by page. */
  expired(provider: 'local' | 'zep', now: Date): AsyncIterable<Owned[]>;
}

/** The tables that hold words beside the memories of a type, with their keys and when something was said. */
const tables: Record<string, { table: PgTable; id: PgColumn; at: PgColumn }[]> = {
  conversation: [{ table: chatTurns, id: chatTurns.id, at: chatTurns.at }],
  check_in: [{ table: checkIns, id: checkIns.id, at: checkIns.at }],
  lead: [{ table: leads, id: leads.id, at: leads.at }],
  // Facts themselves go with their memories; what they were before is older.
  [brainType]: [userBrainEvents, companyBrainEvents].map((table) => ({ table, id: table.id, at: table.at })),
};

const rowsAPage = 500;

export function createKeptWords(database: Database): KeptWords {
  const open = () => database.open();

  /** Page by page, so that no statement holds the table for long. */
  const removeAll = async (removePage: () => Promise<number>, signal: AbortSignal): Promise<number> => {
    let total = 0;
    while (!signal.aborted) {
      const removed = await removePage();
      total += removed;
      if (removed < rowsAPage) break;
    }
    return total;
  };

  const removeRows = async ({ table, id, at }: { table: PgTable; id: PgColumn; at: PgColumn }, before: Date) => {
    const removed = await asService(await open(), (tx) => {
      const page = tx.select({ id }).from(table).where(lt(at, before)).limit(rowsAPage);
      return tx.delete(table).where(inArray(id, page)).returning({ id });
    });
    return removed.length;
  };

  const removeExchanges = async (before: Date, unsent: (memories: Owned[]) => Promise<void>) => {
    const db = await open();
    const rows = await db.select().from(exchanges).where(lt(exchanges.at, before)).limit(rowsAPage);
    await unsent(
      rows.filter(({ memoryId }) => memoryId === null).map(({ operationId, userId }) => ({ id: operationId, userId })),
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0) await db.delete(exchanges).where(inArray(exchanges.id, ids));
    return ids.length;
  };

  /** The replies of chats, which quote what was said. Notes of other doors hold ids, and keep a message from being stored twice. */
  const removeAnswers = async (before: Date) => {
    const db = await open();
    const { door, at, messageId } = processedMessages;
    const removed = await db
      .delete(processedMessages)
      .where(and(eq(door, 'chat'), lt(at, before)))
      .returning({ messageId });
    return removed.length;
  };

  /** Writes that the provider refused for good. */
  const removeRefused = async (type: string, before: Date) => {
    const db = await open();
    const memory = sql`${outbox.write} -> 'memory'`;
    const removed = await db
      .delete(outbox)
      .where(
        and(
          eq(outbox.state, 'dead'),
          sql`${memory} ->> 'type' = ${type}`,
          sql`(${memory} ->> 'at')::timestamptz < ${before.toISOString()}::timestamptz`,
        ),
      )
      .returning({ sequence: outbox.sequence });
    return removed.length;
  };

  return {
    remove: async (type, before, unsent, signal) => {
      let total = await removeRefused(type, before);
      for (const rows of tables[type] ?? []) total += await removeAll(() => removeRows(rows, before), signal);
      if (type !== 'conversation') return total;
      total += await removeAll(() => removeExchanges(before, unsent), signal);
      return total + (await removeAnswers(before));
    },
    async *expired(provider, now) {
      const db = await open();
      const ofLocal = { table: memories, id: memories.id, userId: memories.userId, expiresAt: memories.expiresAt };
      const ofZep = { table: zepIds, id: zepIds.memoryId, userId: zepIds.userId, expiresAt: zepIds.expiresAt };
      const { table, id, userId, expiresAt } = provider === 'zep' ? ofZep : ofLocal;
      const isThere = provider === 'zep' ? and(eq(zepIds.state, 'stored'), eq(zepIds.piece, 0)) : undefined;
      let last: string | undefined;
      do {
        const page: Owned[] = await db
          .select({ id, userId })
          .from(table)
          .where(and(isThere, lte(expiresAt, now), last === undefined ? undefined : gt(id, last)))
          .orderBy(asc(id))
          .limit(rowsAPage);
        last = page.length === rowsAPage ? page.at(-1)?.id : undefined;
        if (page.length > 0) yield page;
      } while (last !== undefined);
    },
  };
}
