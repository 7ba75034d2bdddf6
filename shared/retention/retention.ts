import type { Settings } from '../config/settings';
import type { Database } from '../database/client';
import type { Delivery } from '../memory/delivery';
import { derivedId } from '../memory/derived-id';
import { drainOutbox } from '../memory/drain-outbox';
import type { Outbox } from '../memory/outbox-contract';
import type { MemoryProvider } from '../memory/provider';
import type { Tombstones } from '../memory/tombstones';
import { createDeadline, raceSignal } from '../resilience/deadline';
import { IndexError, type SearchIndex } from '../search/index';
import type { Leases } from '../sync/leases';
import type { Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { createKeptWords, type Owned } from './kept-words';

export interface RetentionDependencies {
  settings: Settings;
  provider: MemoryProvider;
  index: SearchIndex;
  outbox: Outbox;
  delivery: Delivery;
  tombstones: Tombstones;
  database: Database;
  leases: Leases;
  statistics: Pick<Statistics, 'count'>;
  logger: Logger;
  now: () => Date;
}

/**
 * `complete`: nothing is left that is older than its type may be. `partial`: the time was up, or the index went away; the next run goes
 * on, the oldest first. `running`: another run is under way.
 */
export interface RetentionReport {
  outcome: 'complete' | 'partial' | 'running';
  reason: string | null;
  /** Memories by type, for each type with days set. */
  deleted: Record<string, number>;
  /** Memories that had expired, of the local provider. Others hide them themselves. */
  expired: number;
  /** Rows that went with them: turns of chats, exchanges of calls, check-ins, answers, refused writes. */
  rows: number;
}

export interface Retention {
  /**
   * Deletes what is older than `RETENTION_DAYS_<TYPE>` allows, for everybody, by when it was said, and what has expired. Deletions are
   * durable at once, gone from searches, and sent as any other; what the provider does not take now it takes later. Rejects only when
   * the database cannot be reached.
   */
  run(budgetMs: number): Promise<RetentionReport>;
}

const dayMs = 86_400_000;
const memoriesAPage = 500;
/** How long a run's lease outlives its budget. */
const graceMs = 10_000;

export function createRetention(dependencies: RetentionDependencies): Retention {
  const { settings, provider, index, outbox, delivery, tombstones, database, leases } = dependencies;
  const { statistics, logger, now } = dependencies;
  const kept = createKeptWords(database);

  /** As DELETE does it: durable first, all of them, then out of the index, which would else give the same page again. */
  const deleteAll = async (memories: Owned[], signal: AbortSignal): Promise<void> => {
    for (const { id: memoryId, userId } of memories) {
      const write = { kind: 'delete', memoryId, forget: true } as const;
      await outbox.accept(userId, derivedId('retention', memoryId), write);
    }
    for (const [userId, own] of byUser(memories)) {
      await tombstones.set(userId, own, 'age');
      await raceSignal(index.remove(userId, own, signal), signal);
    }
  };

  const deleteOlder = async (type: string, before: Date, signal: AbortSignal, count: (n: number) => void) => {
    let page: Owned[];
    do {
      page = await raceSignal(index.olderThan(type, before, memoriesAPage, signal), signal);
      await deleteAll(page, signal);
      count(page.length);
    } while (page.length === memoriesAPage);
  };

  const runAlone = async (report: RetentionReport, signal: AbortSignal): Promise<void> => {
    /** The index may be away while our own tables are there. */
    const unlessAway = (work: Promise<void>) =>
      work.catch((error) => {
        if (!(error instanceof IndexError || signal.aborted)) throw error;
        report.outcome = 'partial';
        report.reason = signal.aborted ? 'time_is_up' : 'index_unreachable';
      });
    for (const [type, days] of Object.entries(settings.retentionDays)) {
      const before = new Date(now().getTime() - days * dayMs);
      report.deleted[type] = 0;
      const count = (deleted: number) => {
        report.deleted[type] = (report.deleted[type] ?? 0) + deleted;
      };
      await unlessAway(deleteOlder(type, before, signal, count));
      const unsent = (memories: Owned[]) => unlessAway(deleteAll(memories, signal));
      report.rows += await kept.remove(type, before, unsent, signal);
    }
    if (provider.name !== 'mem0') {
      for await (const page of kept.expired(provider.name, now())) {
        await unlessAway(deleteAll(page, signal));
        report.expired += page.length;
      }
    }
    await drainOutbox({ outbox, delivery }, signal);
  };

  return {
    run: async (budgetMs) => {
      const started = performance.now();
      const { signal } = createDeadline(budgetMs);
      const report: RetentionReport = { outcome: 'complete', reason: null, deleted: {}, expired: 0, rows: 0 };
      const lease = await leases.take('retention', budgetMs + graceMs);
      if (!lease) return { ...report, outcome: 'running', reason: 'another_run' };
      await runAlone(report, signal).finally(lease.free);
      const { deleted, ...others } = report;
      for (const [type, count] of Object.entries(deleted)) statistics.count(`retention.${type}`, count);
      const byType = Object.fromEntries(Object.entries(deleted).map(([type, count]) => [`deleted_${type}`, count]));
      logger.info('retention', { ...byType, ...others, ms: Math.round(performance.now() - started) });
      return report;
    },
  };
}

function byUser(memories: Owned[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { id, userId } of memories) {
    const own = groups.get(userId);
    if (own) own.push(id);
    else groups.set(userId, [id]);
  }
  return groups;
}
