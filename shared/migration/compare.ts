import { gte, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { shadowReads } from '../database/schema-migration';

/** How the second provider of a parallel run did, by kind of call. Shares are of 1, times in ms; null where there is none. */
export interface ShadowComparison {
  kind: 'search' | 'list' | 'add' | 'update' | 'delete';
  calls: number;
  /** How much of the first one's ten best the second one had, on average; of reads that it answered. */
  overlap: number | null;
  first: { p50: number; p95: number };
  second: { p50: number | null; p95: number | null };
  /** What came to nothing, by why. */
  errors: Record<string, number>;
}

/** What MEMORY_SHADOW has recorded since then, the most frequent kind first; [] where nothing was. Rejects when the database cannot be reached. */
export async function compareShadow(database: Database, since: Date): Promise<ShadowComparison[]> {
  const db = await database.open();
  const { kind, overlap, firstMs, secondMs, error, at } = shadowReads;
  const answered = sql`filter (where ${error} is null)`;
  const percentile = (share: number, of: typeof firstMs | typeof secondMs, filter = sql``) =>
    sql<number | null>`percentile_disc(${sql.raw(String(share))}) within group (order by ${of}) ${filter}`;
  const rows = await db
    .select({
      kind,
      calls: sql<number>`count(*)`.mapWith(Number),
      overlap: sql<number | null>`(avg(${overlap}) ${answered})::float8 / 100`,
      ...{ firstP50: percentile(0.5, firstMs), firstP95: percentile(0.95, firstMs) },
      ...{ secondP50: percentile(0.5, secondMs, answered), secondP95: percentile(0.95, secondMs, answered) },
    })
    .from(shadowReads)
    .where(gte(at, since))
    .groupBy(kind)
    .orderBy(sql`count(*) desc`);
  const failed = await db
    .select({ kind, error, count: sql<number>`count(*)`.mapWith(Number) })
    .from(shadowReads)
    .where(sql`${gte(at, since)} and ${error} is not null`)
    .groupBy(kind, error);
  return rows.map((row) => ({
    ...{ kind: row.kind, calls: row.calls, overlap: row.overlap },
    first: { p50: row.firstP50 ?? 0, p95: row.firstP95 ?? 0 },
    second: { p50: row.secondP50, p95: row.secondP95 },
    errors: Object.fromEntries(
      failed.filter((each) => each.kind === row.kind).map((each) => [each.error ?? '', each.count]),
    ),
  }));
}
