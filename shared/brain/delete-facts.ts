import { and, eq, inArray } from 'drizzle-orm';
import { v7 } from 'uuid';
import type { Db } from '../database/client';
import { actAsApp, actAsService } from '../database/row-security';
import { brainOwners } from '../database/schema-brain';
import { eventsOf, type FactEvent, factsOf } from './fact-tables';

/** The history of rows that are gone. */
export const toDeletions = (
  rows: { ownerId: string; slug: string; content: string }[],
  source: FactEvent['source'],
  at: Date,
): FactEvent[] =>
  rows.map(({ ownerId, slug, content }) => {
    return { id: v7(), ownerId, slug, event: 'delete', source, previousContent: content, content: null, at };
  });

/** Who, or what, deleted a memory: us, somebody at the provider, or its age, which leaves no history behind. */
export type DeletedBy = FactEvent['source'] | 'age';

/**
 * Deletes the facts whose memories were deleted, in a transaction of the caller's. A value on its way stays: it was accepted later, and
 * makes a memory of its own.
 */
export async function deleteFactsOf(
  tx: Db,
  { userId, memoryIds }: { userId: string; memoryIds: string[] },
  by: DeletedBy,
  at: Date,
): Promise<void> {
  const [owner] = await tx.select().from(brainOwners).where(eq(brainOwners.userId, userId));
  if (!owner) return;
  await actAsService(tx);
  const facts = factsOf(owner.kind);
  const gone = await tx
    .delete(facts)
    .where(and(eq(facts.ownerId, userId), inArray(facts.memoryId, memoryIds), eq(facts.state, 'synced')))
    .returning();
  const events = eventsOf(owner.kind);
  const slugs = gone.map(({ slug }) => slug);
  if (by === 'age') await tx.delete(events).where(and(eq(events.ownerId, userId), inArray(events.slug, slugs)));
  else if (gone.length > 0) await tx.insert(events).values(toDeletions(gone, by, at));
  await actAsApp(tx);
}
