import { and, eq, gte, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { statCounters } from '../database/schema';

/** Upper bounds of the latency buckets in milliseconds: each a quarter to a half more than the one below, so a percentile is right to that share. */
const bounds = [
  1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 65, 80, 100, 150, 200, 300, 400, 600, 800, 1200, 2000, 3000,
  5000, 8000, 12_000, 30_000, 120_000,
];
const plain = -1;
const sliceMs = 5 * 60_000;

export interface Percentiles {
  count: number;
  p50: number;
  p95: number;
  p99: number;
}

/** What was counted and timed in a window: the counters by name, and the percentiles in ms (upper bucket bounds). */
export interface WindowStatistics {
  counters: Record<string, number>;
  latencyMs: Record<string, Percentiles>;
}

/** Counts and times what happens. Kept in Postgres in slices of five minutes, so that restarts and other instances add up. */
export interface Statistics {
  observe(name: string, milliseconds: number): void;
  count(name: string, by?: number): void;
  /** Adds what was counted since the last flush to the table; on failure it is kept for the next one. Never rejects. */
  flush(): Promise<void>;
  /** The last `windowMs`, over all instances; of one name alone where it is given. Rejects when the database cannot be reached. */
  read(windowMs: number, name?: string): Promise<WindowStatistics>;
}

/** Who is told of everything that is counted and timed, as it happens. */
export type Listener = Pick<Statistics, 'observe' | 'count'>;

type Counts = Map<string, typeof statCounters.$inferSelect>;

export function createStatistics(database: Database, now: () => Date, listener?: Listener): Statistics {
  let pending: Counts = new Map();

  const add = (
    name: string,
    bucket: number,
    count: number,
    slice = new Date(Math.floor(now().getTime() / sliceMs) * sliceMs),
  ) => {
    const key = `${name} ${bucket} ${slice.getTime()}`;
    const entry = pending.get(key);
    if (entry) entry.count += count;
    else pending.set(key, { name, bucket, slice, count });
  };

  const flush = async () => {
    const batch = [...pending.values()];
    if (batch.length === 0) return;
    pending = new Map();
    try {
      const db = await database.open();
      await db
        .insert(statCounters)
        .values(batch)
        .onConflictDoUpdate({
          target: [statCounters.slice, statCounters.name, statCounters.bucket],
          set: { count: sql`${statCounters.count} + excluded.count` },
        });
    } catch {
      for (const { name, bucket, count, slice } of batch) add(name, bucket, count, slice);
    }
  };

  return {
    observe: (name, milliseconds) => {
      add(name, bounds.find((bound) => milliseconds <= bound) ?? (bounds.at(-1) as number), 1);
      listener?.observe(name, milliseconds);
    },
    count: (name, by = 1) => {
      add(name, plain, by);
      listener?.count(name, by);
    },
    flush,
    read: async (windowMs, name) => {
      await flush();
      const db = await database.open();
      const rows = await db
        .select({
          name: statCounters.name,
          bucket: statCounters.bucket,
          count: sql<number>`sum(${statCounters.count})`.mapWith(Number),
        })
        .from(statCounters)
        .where(
          and(
            gte(statCounters.slice, new Date(now().getTime() - windowMs)),
            name ? eq(statCounters.name, name) : undefined,
          ),
        )
        .groupBy(statCounters.name, statCounters.bucket)
        .orderBy(statCounters.name, statCounters.bucket);
      return toWindow(rows);
    },
  };
}

type BucketCount = { name: string; bucket: number; count: number };

function toWindow(rows: BucketCount[]): WindowStatistics {
  const counters = rows.filter(({ bucket }) => bucket === plain).map(({ name, count }) => [name, count] as const);
  const timed = rows.filter(({ bucket }) => bucket !== plain);
  const latencies = [...new Set(timed.map(({ name }) => name))].map(
    (name) => [name, toPercentiles(timed.filter((row) => row.name === name))] as const,
  );
  return { counters: Object.fromEntries(counters), latencyMs: Object.fromEntries(latencies) };
}

/** `buckets` in ascending order. */
function toPercentiles(buckets: BucketCount[]): Percentiles {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  const at = (share: number) => {
    let seen = 0;
    for (const { bucket, count } of buckets) {
      seen += count;
      if (seen >= share * total) return bucket;
    }
    return 0;
  };
  return { count: total, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
