import { and, eq, gte, inArray, lt, or } from 'drizzle-orm';
import { validate } from 'uuid';
import { type DeletedBy, deleteFactsOf } from '../brain/delete-facts';
import type { Database } from '../database/client';
import { tombstones } from '../database/schema';
import { exchanges, leads } from '../database/schema-conversations';

/** What is told of a deletion. Methods reject when the database cannot be reached. */
export interface Tombstones {
  /**
   * Before the memory is taken out of the index: whoever puts it back after that finds the stone. The exchange of a call, or the version
   * of a lead, that it is made of, by its own id or by its operation's, goes with it. A fact goes where it was deleted, `by` us, at the
   * provider or for its age; null where its memory was merely lost, or is there under another id.
   */
  set(userId: string, memoryIds: string[], by: DeletedBy | null): Promise<void>;
  /** Those of `memoryIds` that were deleted lately. */
  among(userId: string, memoryIds: string[]): Promise<string[]>;
  /** Forgets the deletions that are long over. */
  clear(): Promise<void>;
}

/** How long a stone counts: longer than any run that may have read the memory before. */
const countsMs = 86_400_000;

export function createTombstones(database: Database, now: () => Date): Tombstones {
  const counting = () => new Date(now().getTime() - countsMs);
  return {
    set: async (userId, memoryIds, by) => {
      if (memoryIds.length === 0) return;
      const db = await database.open();
      const at = now();
      await db.transaction(async (tx) => {
        await tx
          .insert(tombstones)
          .values(memoryIds.map((memoryId) => ({ memoryId, userId, at })))
          .onConflictDoUpdate({ target: tombstones.memoryId, set: { at } });
        const { memoryId, operationId } = exchanges;
        const operationIds = memoryIds.filter((id) => validate(id));
        await tx.delete(exchanges).where(or(inArray(memoryId, memoryIds), inArray(operationId, operationIds)));
        await tx.delete(leads).where(or(inArray(leads.memoryId, memoryIds), inArray(leads.id, operationIds)));
        if (by) await deleteFactsOf(tx, { userId, memoryIds }, by, at);
      });
    },
    among: async (userId, memoryIds) => {
      if (memoryIds.length === 0) return [];
      const db = await database.open();
      const rows = await db
        .select({ memoryId: tombstones.memoryId })
        .from(tombstones)
        .where(
          and(eq(tombstones.userId, userId), gte(tombstones.at, counting()), inArray(tombstones.memoryId, memoryIds)),
        );
      return rows.map(({ memoryId }) => memoryId);
    },
    clear: async () => {
      const db = await database.open();
      await db.delete(tombstones).where(lt(tombstones.at, counting()));
    },
  };
}
