import { and, asc, desc, eq, getTableColumns, gt, gte, inArray, sql } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { givenColumns, insertAsOne, rowsAsOne } from '../database/rows-as-one';
import { zepEvents, zepIds } from '../database/schema-migration';
import { fromCursor, toPage } from './cursor';
import type { MemoryEvent, Page, PageRequest } from './memory';
import { type ListFilter, ProviderError } from './provider';

/** One piece of a memory, see `zepIds`. */
export type ZepId = typeof zepIds.$inferSelect;

/** An entry of a memory's history that is to be written. */
export type NewEvent = MemoryEvent & { userId: string };

/** What the map knows of a person. */
export interface MappedPerson {
  userId: string;
  memories: number;
  lastMemoryAt: Date;
  changedAt: Date;
}

/** Where our memories lie at Zep, in our own database. Methods reject with `ProviderError` `unavailable` where that cannot be reached. */
export interface ZepMap {
  /** Keeps the rows that are new, before what they stand for is sent; gives those of the same memories that were there before. */
  begin(rows: ZepId[]): Promise<ZepId[]>;
  /** Writes rows as they are now, and history with them, in one transaction; of the memories `unsent`, which were never sent, nothing is left. */
  put(rows: ZepId[], events: NewEvent[], unsent?: string[]): Promise<void>;
  /** All rows of these memories. */
  ofMemories(memoryIds: string[]): Promise<ZepId[]>;
  /** All rows of the memories that an operation made. */
  ofOperation(userId: string, operationId: string): Promise<ZepId[]>;
  /** First pieces of a person's memories that are stored, the latest first. Throws `CursorError`. */
  page(userId: string, page: PageRequest & ListFilter): Promise<Page<ZepId>>;
  /** How many pieces of a thread are at Zep. */
  inThread(threadId: string): Promise<number>;
  /** Of these people, those of whom something is stored. */
  people(userIds: string[]): Promise<Map<string, MappedPerson>>;
  /** People of whom something was written since then, in the order of their ids. Throws `CursorError`. */
  changedPeople(since: Date, page: PageRequest): Promise<Page<{ userId: string; changedAt: Date }>>;
  history(memoryId: string): Promise<MemoryEvent[]>;
  /** Takes the words out of a memory's history. */
  forget(memoryId: string): Promise<void>;
}

export const isSamePiece = (a: ZepId, b: ZepId): boolean =>
  a.memoryId === b.memoryId && a.version === b.version && a.piece === b.piece;

export function createZepMap(database: Database): ZepMap {
  const call = async <T>(work: (db: Db) => Promise<T>, outcomeUnknown = false): Promise<T> => {
    try {
      return await work(await database.open());
    } catch (cause) {
      throw new ProviderError('zep', 'unavailable', { retryable: true, outcomeUnknown, cause });
    }
  };
  const columns = Object.values(getTableColumns(zepIds));
  const eventColumns = givenColumns(zepEvents);
  const { memoryId, version, piece, userId: owner, state, at, changedAt } = zepIds;
  const inOrder = [asc(memoryId), asc(version), asc(piece)];
  const isStored = and(eq(state, 'stored'), eq(piece, 0));
  const excluded = (column: { name: string }) => sql.raw(`excluded.${column.name}`);

  const ofMemories = async (ids: string[]): Promise<ZepId[]> =>
    ids.length === 0
      ? []
      : call((db) =>
          db
            .select()
            .from(zepIds)
            .where(inArray(memoryId, ids))
            .orderBy(...inOrder),
        );

  return {
    ofMemories,
    begin: async (rows) => {
      if (rows.length === 0) return [];
      const fresh = await call((db) =>
        db
          .insert(zepIds)
          .select(rowsAsOne(zepIds, columns, rows))
          .onConflictDoNothing()
          .returning(),
      );
      if (fresh.length === rows.length) return [];
      const known = await ofMemories([...new Set(rows.map((row) => row.memoryId))]);
      return known.filter((row) => !fresh.some((made) => isSamePiece(made, row)));
    },
    put: async (rows, events, unsent = []) => {
      if (rows.length + events.length + unsent.length === 0) return;
      return call(
        (db) =>
          db.transaction(async (tx) => {
            if (rows.length > 0) {
              const set = {
                zepId: excluded(zepIds.zepId),
                state: excluded(state),
                metadata: excluded(zepIds.metadata),
                expiresAt: excluded(zepIds.expiresAt),
                changedAt: excluded(changedAt),
              };
              await tx
                .insert(zepIds)
                .select(rowsAsOne(zepIds, columns, rows))
                .onConflictDoUpdate({ target: [memoryId, version, piece], set });
            }
            if (unsent.length > 0) await tx.delete(zepIds).where(and(inArray(memoryId, unsent), eq(state, 'sending')));
            if (events.length > 0) await insertAsOne(tx, zepEvents, eventColumns, events);
          }),
        true,
      );
    },
    ofOperation: (userId, operationId) =>
      call((db) => {
        const made = db
          .select({ id: memoryId })
          .from(zepIds)
          .where(and(eq(zepIds.operationId, operationId), eq(owner, userId)));
        return db
          .select()
          .from(zepIds)
          .where(inArray(memoryId, made))
          .orderBy(...inOrder);
      }),
    page: async (userId, { limit, cursor, type, changedSince }) => {
      const after = fromCursor(cursor, ['time', 'uuid']);
      return call(async (db) => {
        const rows = await db
          .select()
          .from(zepIds)
          .where(
            and(
              ...[eq(owner, userId), isStored],
              type === undefined ? undefined : eq(zepIds.type, type),
              changedSince && gte(changedAt, changedSince),
              after && sql`(${at}, ${memoryId}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
            ),
          )
          .orderBy(desc(at), desc(memoryId))
          .limit(limit + 1);
        return toPage(rows, limit, (last) => [last.at.toISOString(), last.memoryId]);
      });
    },
    inThread: (threadId) =>
      call((db) =>
        db.$count(zepIds, and(eq(zepIds.threadId, threadId), inArray(state, ['sending', 'stored', 'stale']))),
      ),
    people: (userIds) =>
      call(async (db) => {
        const rows = await db
          .select({
            userId: owner,
            memories: sql<number>`count(*)`.mapWith(Number),
            lastMemoryAt: sql<Date>`max(${at})`.mapWith(at),
            changedAt: sql<Date>`max(${changedAt})`.mapWith(changedAt),
          })
          .from(zepIds)
          .where(and(inArray(owner, userIds), isStored))
          .groupBy(owner);
        return new Map(rows.map((row) => [row.userId, row]));
      }),
    changedPeople: async (since, { limit, cursor }) => {
      const after = fromCursor(cursor, ['text']);
      return call(async (db) => {
        const rows = await db
          .select({ userId: owner, changedAt: sql<Date>`max(${changedAt})`.mapWith(changedAt) })
          .from(zepIds)
          .where(and(gte(changedAt, since), after && gt(owner, after[0])))
          .groupBy(owner)
          .orderBy(owner)
          .limit(limit + 1);
        return toPage(rows, limit, (last) => [last.userId]);
      });
    },
    history: (id) =>
      call(async (db) => {
        const rows = await db.select().from(zepEvents).where(eq(zepEvents.memoryId, id)).orderBy(zepEvents.id);
        return rows.map(toEvent);
      }),
    forget: (id) =>
      call(async (db) => {
        await db.update(zepEvents).set({ text: null, previousText: null }).where(eq(zepEvents.memoryId, id));
      }, true),
  };
}

const toEvent = ({ memoryId, event, previousText, text, at }: MemoryEvent): MemoryEvent => ({
  ...{ memoryId, event, previousText, text, at },
});
