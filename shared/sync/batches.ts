import { createDeadline } from '../resilience/deadline';
import type { Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { type Batch, batch } from './batch';
import type { BatchState } from './batch-state';
import type { SyncPeople } from './people';

export interface BatchesDependencies {
  batchState: BatchState;
  syncPeople: SyncPeople;
  statistics: Pick<Statistics, 'count'>;
  logger: Logger;
}

/** What happens to batches that come out of the queue. Both reject only when the database cannot be reached: then the message is to come again. */
export interface Batches {
  /**
   * Syncs the people of a batch whose index is still behind, within `budgetMs`. Whom another process has, or the time did not suffice
   * for, is sent again at the next tick. A message that cannot be read is counted and dropped: no later attempt could read it.
   */
  run(message: unknown, budgetMs: number): Promise<void>;
  /** Takes note of a batch that failed for good, however often it was tried: see `BatchState.giveUp`. */
  giveUp(message: unknown): Promise<void>;
}

/** Counts messages that could not be read. */
export const unreadable = 'sync.unreadable';

/** People of a batch who are looked after at once; an instance has several batches. */
const atOnce = 2;

export function createBatches({ batchState, syncPeople, statistics, logger }: BatchesDependencies): Batches {
  const read = (message: unknown): Batch | null => {
    const parsed = batch.safeParse(message);
    if (parsed.success) return parsed.data;
    logger.error('sync batch dropped', { code: 'message_unreadable' });
    statistics.count(unreadable);
    return null;
  };

  return {
    run: async (message, budgetMs) => {
      const asked = read(message);
      if (!asked) return;
      const started = performance.now();
      const found = await batchState.read(asked.run, asked.people);
      if (!found) return logger.warn('sync batch dropped', { code: 'run_unknown' });
      const { kind, people } = found;
      const { signal } = createDeadline(budgetMs);
      const { work, done, errors, reason } = await syncPeople(people, { isFull: kind === 'full', atOnce }, signal);
      await batchState.settle(asked.run, asked.people, { work, errors });
      const counts = { people: people.length, synced: work.written, errors, remaining: people.length - done };
      logger.info('sync batch', { kind, ...counts, reason, ms: Math.round(performance.now() - started) });
    },
    giveUp: async (message) => {
      const asked = read(message);
      if (!asked) return;
      await batchState.giveUp(asked.run, asked.people);
      logger.error('sync batch failed for good', { people: asked.people.length });
    },
  };
}
