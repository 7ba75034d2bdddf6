import { and, inArray, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { asService } from '../database/row-security';
import type { Owner } from './brain-contract';
import { factsOf } from './fact-tables';
import { fromRecord, type Loaded } from './loaders';

/**
 * The slugs that were made from these owners' records and that the records say nothing of any more; what others saved is left out. Rejects
 * when the database cannot be reached.
 */
export async function findEmptied(
  database: Database,
  kind: Owner['kind'],
  loaded: (Pick<Loaded, 'empty'> & { owner: Owner })[],
): Promise<{ owner: Owner; slug: string }[]> {
  const emptyOf = new Map(loaded.map(({ owner, empty }) => [owner.id, new Set(empty)]));
  const ids = [...emptyOf].filter(([, empty]) => empty.size > 0).map(([id]) => id);
  if (ids.length === 0) return [];
  const { ownerId, slug, extraMetadata } = factsOf(kind);
  const isLoaded = sql`${extraMetadata} @> ${JSON.stringify(fromRecord)}::jsonb`;
  const rows = await asService(await database.open(), (tx) =>
    tx
      .select({ id: ownerId, slug })
      .from(factsOf(kind))
      .where(and(inArray(ownerId, ids), isLoaded)),
  );
  return rows
    .filter((row) => emptyOf.get(row.id)?.has(row.slug))
    .map((row) => ({ owner: { kind, id: row.id }, slug: row.slug }));
}
