import { arrayOverlaps, desc, eq, max, sql } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { personNames } from '../database/schema-conversations';
import { alike, decisiveTrigrams, foldName, trigramsOf } from './names';

/** Somebody whose name is like another, and how much: 1 for the same trigrams. */
export interface NameMatch {
  userId: string;
  /** As it was said last; of several names the one most alike. */
  name: string;
  similarity: number;
}

/** How people were called. Methods reject when the database cannot be reached. */
export interface PersonNames {
  /** The people of exactly this name, but for accents, case and punctuation; at most `limit`. */
  exactly(name: string, limit: number): Promise<NameMatch[]>;
  /** The people whose names are alike, best first; each once. */
  like(name: string, limit: number): Promise<NameMatch[]>;
}

/** Keeps what people are called; a name of nothing but punctuation is none. */
export async function keepNames(
  tx: Pick<Db, 'insert'>,
  named: { userId: string; name: string }[],
  at: Date,
): Promise<void> {
  const rows = new Map<string, typeof personNames.$inferInsert>();
  for (const { userId, name } of named) {
    const folded = foldName(name);
    if (folded === '') continue;
    rows.set(`${userId} ${folded}`, { userId, folded, name, trigrams: trigramsOf(folded), lastSeenAt: at });
  }
  if (rows.size === 0) return;
  // In one order everywhere: two calls that name the same people at once would else wait for each other.
  const sorted = [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  await tx
    .insert(personNames)
    .values(sorted)
    .onConflictDoUpdate({
      target: [personNames.userId, personNames.folded],
      set: { name: sql`excluded.name`, lastSeenAt: sql`excluded.last_seen_at` },
    });
}

export function createPersonNames(database: Database): PersonNames {
  const { userId, folded, name, trigrams, lastSeenAt } = personNames;
  return {
    exactly: async (asked, limit) => {
      const db = await database.open();
      const rows = await db
        .select({ userId, name })
        .from(personNames)
        .where(eq(folded, foldName(asked)))
        .orderBy(desc(lastSeenAt), userId)
        .limit(limit);
      return rows.map((row) => ({ ...row, similarity: 1 }));
    },
    like: async (asked, limit) => {
      const wanted = trigramsOf(foldName(asked));
      if (wanted.length === 0) return [];
      const db = await database.open();
      const shared = sql`(select count(*) from unnest(${trigrams}) one where one = any(${sql.param(wanted)}::text[]))`;
      const similarity = sql<number>`(${shared}::float / (${wanted.length}::int + cardinality(${trigrams}) - ${shared}))`;
      const candidates = db
        .select({ userId, name, similarity: similarity.mapWith(Number).as('similarity') })
        .from(personNames)
        .where(arrayOverlaps(trigrams, decisiveTrigrams(wanted)))
        .as('candidates');
      const best = max(candidates.similarity);
      const rows = await db
        .select({
          userId: candidates.userId,
          name: sql<string>`(array_agg(${candidates.name} order by ${candidates.similarity} desc))[1]`,
          similarity: sql<number>`${best}`.mapWith(Number),
        })
        .from(candidates)
        .groupBy(candidates.userId)
        .having(sql`${best} >= ${alike}`)
        .orderBy(desc(best), candidates.userId)
        .limit(limit);
      return rows.map((row) => ({ ...row, similarity: Math.round(row.similarity * 100) / 100 }));
    },
  };
}
