import type { Embedder } from '../embedding/embedder';
import type { Outbox, OutboxStatus } from '../memory/outbox-contract';
import { type Deadline, raceSignal } from '../resilience/deadline';
import type { SearchIndex } from '../search/index';
import { type Freshness, type SyncView, toSyncView } from '../sync/freshness';
import type { Percentiles, Statistics } from '../telemetry/statistics';

interface WindowReport {
  /** Share of the provider's calls that succeeded, 0 to 1; null where there were none. */
  providerSuccessRate: number | null;
  /** How many reads had to leave the index, by what answered instead. */
  fallbackUsage: { provider: number; outbox: number; none: number };
  /** Conversations kept, by where they were when they were answered: at the provider, or on the way to it. */
  conversations: { stored: number; fallback: number };
  /** Share of the provider's searches and lists that were at hand, 0 to 1; null where there were none. */
  providerCacheHitRate: number | null;
  /** What retention deleted, for types with days set. */
  deletedByType: { type: string; count: number }[];
  /** Per door and stage, in ms. */
  latencyMs: Record<string, Percentiles>;
}

export interface StatisticsReport {
  /** null where the index cannot be reached. */
  totalMemories: number | null;
  memoriesByType: { type: string; count: number }[] | null;
  /** Share of texts whose vectors were at hand in this process, 0 to 1; null before the first text. */
  cacheHitRate: number | null;
  lastHour: WindowReport | null;
  lastDay: WindowReport | null;
  outbox: OutboxStatus | null;
  sync: SyncView | null;
}

const retentionCounter = 'retention.';
const hourMs = 3_600_000;
/** No part is waited for longer. */
const partMs = 2_000;

/** What is known of this deployment; a part that cannot be read is null. Never rejects. */
export async function reportStatistics(
  {
    statistics,
    index,
    outbox,
    freshness,
    embedder,
  }: { statistics: Statistics; index: SearchIndex; outbox: Outbox; freshness: Freshness; embedder: Embedder },
  deadline: Deadline,
): Promise<StatisticsReport> {
  const { signal } = deadline.within(partMs);
  const orNull = <T>(call: Promise<T>): Promise<T | null> => raceSignal(call, signal).catch(() => null);
  const [byType, lastHour, lastDay, waiting, sync] = await Promise.all([
    orNull(index.countByType(signal)),
    orNull(readWindow(statistics, hourMs)),
    orNull(readWindow(statistics, 24 * hourMs)),
    orNull(outbox.status()),
    orNull(freshness.status()),
  ]);
  const { hits, misses } = embedder.cache();
  return {
    totalMemories: byType && Object.values(byType).reduce((sum, count) => sum + count, 0),
    memoriesByType: byType && Object.entries(byType).map(([type, count]) => ({ type, count })),
    cacheHitRate: rate(hits, misses),
    lastHour,
    lastDay,
    outbox: waiting,
    sync: sync && toSyncView(sync),
  };
}

async function readWindow(statistics: Statistics, windowMs: number): Promise<WindowReport> {
  const { counters, latencyMs } = await statistics.read(windowMs);
  const count = (name: string) => counters[name] ?? 0;
  return {
    providerSuccessRate: rate(count('provider.success'), count('provider.failure')),
    fallbackUsage: {
      provider: count('fallback.provider'),
      outbox: count('fallback.outbox'),
      none: count('fallback.none'),
    },
    conversations: { stored: count('conversations.stored'), fallback: count('conversations.fallback') },
    providerCacheHitRate: rate(count('provider_cache.hit'), count('provider_cache.miss')),
    deletedByType: Object.entries(counters)
      .filter(([name]) => name.startsWith(retentionCounter))
      .map(([name, deleted]) => ({ type: name.slice(retentionCounter.length), count: deleted })),
    latencyMs,
  };
}

/** A share, 0 to 1; null where there is nothing to share. */
export const rate = (good: number, bad: number): number | null =>
  good + bad === 0 ? null : Math.round((1000 * good) / (good + bad)) / 1000;
