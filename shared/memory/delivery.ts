import { raceSignal } from '../resilience/deadline';
import { isCutOff, levelFor } from '../resilience/policy';
import type { SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { describeError, type Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import type { Memory } from './memory';
import { backoffMs, type Outbox, type TakenWrite } from './outbox';
import { type AddReceipt, type MemoryProvider, type NewMemory, ProviderError } from './provider';
import type { ProviderCache } from './provider-cache';

/**
 * What became of a write. `missing`: there was no such memory to change. `refused`: the provider will not take it, now or later.
 * `queued`: durable, to be tried again.
 */
export type Outcome =
  | { status: 'stored'; memories: Memory[] }
  | { status: 'missing' }
  | { status: 'pending'; code: string; eventId: string | null }
  | { status: 'queued' | 'refused'; code: string };

/** One attempt's time. Shorter than the outbox's lease, so that no other process takes the write meanwhile. */
const attemptMs = 30_000;
/** How soon a provider that works asynchronously is asked again. */
const pendingPollMs = 2_000;
const indexMs = 10_000;
const provisionalMs = 2_000;

export interface DeliveryDependencies {
  outbox: Outbox;
  provider: MemoryProvider;
  providerCache: Pick<ProviderCache, 'drop'>;
  index: SearchIndex;
  points: PointBuilder;
  statistics: Statistics;
  logger: Logger;
}

/** Puts a provisional point into the index, or takes a deleted one out. */
export type UntilThen = (signal: AbortSignal) => Promise<void>;

/** Carries writes from the outbox to the provider and then to the index. */
export interface Delivery {
  /**
   * What becomes of an accepted write within `waitMs`: `queued` when that is not known by then; the attempt goes on. Where the
   * write has not arrived, `untilThen` makes the index show it meanwhile, which is waited for as long once more. Never rejects.
   */
  outcomeOf(userId: string, operationId: string, waitMs: number, untilThen: UntilThen): Promise<Outcome>;
  /** Sends the person's due writes in order, until none is left or one has to wait. Rejects only when the database cannot be reached. */
  drain(userId: string): Promise<void>;
  /** Resolves once nothing is under way in this process. */
  idle(): Promise<void>;
}

export function createDelivery({
  outbox,
  provider,
  providerCache,
  index,
  points,
  statistics,
  logger,
}: DeliveryDependencies): Delivery {
  const draining = new Map<string, { lookAgain: boolean; done: Promise<void> }>();
  const waiting = new Map<string, (outcome: Outcome) => void>();
  // A provisional point must not overtake the provider's own memories, so each waits for the other.
  const provisional = new Map<string, Promise<void>>();
  const indexing = new Set<string>();
  // Adds that this process sent itself: when one fails, it is known that it is over.
  const sent = new WeakSet<TakenWrite>();

  const attempt = <T>(call: (signal: AbortSignal) => Promise<T>, writes: boolean): Promise<T> => {
    const signal = AbortSignal.timeout(attemptMs);
    return raceSignal(call(signal), signal).catch((error) => {
      throw signal.aborted && !(error instanceof ProviderError) ? timedOut(error, writes) : error;
    });
  };
  const timedOut = (cause: unknown, outcomeUnknown: boolean) =>
    new ProviderError(provider.name, 'timeout', { retryable: true, outcomeUnknown, cause });

  /** An attempt that may have arrived is looked up before it is sent again. */
  const add = async (taken: TakenWrite, memory: NewMemory): Promise<AddReceipt> => {
    if (taken.found !== 'waiting') {
      const { userId, operationId } = memory;
      const look = attempt((signal) => provider.find(userId, operationId, taken.attempt, signal), true);
      const earlier = await look.catch((error) => {
        // Whatever kept us from looking, the write may have arrived, and is not to be given up for it.
        if (!(error instanceof ProviderError)) throw error;
        const { code, options } = error;
        throw new ProviderError(provider.name, code, { ...options, retryable: true, outcomeUnknown: true });
      });
      if (earlier?.status === 'failed')
        throw new ProviderError(provider.name, 'unavailable', { retryable: true, outcomeUnknown: false });
      if (earlier) return earlier;
      // It was there once; what is gone since then was deleted.
      if (taken.found === 'stored') return { status: 'stored', memories: [] };
      await outbox.resend(taken);
    }
    const topic = await points.topicOf(memory.utterances.map(({ content }) => content).join('\n'));
    sent.add(taken);
    return attempt((signal) => provider.add({ ...memory, topic }, signal), true);
  };

  const toProvider = async (taken: TakenWrite): Promise<Outcome> => {
    const { write, found } = taken;
    if (write.kind === 'add') {
      const receipt = await add(taken, write.memory);
      return receipt.status === 'pending' ? { ...receipt, code: 'provider_pending' } : receipt;
    }
    if (write.kind === 'update') {
      const memory = await attempt((signal) => provider.update(write.memoryId, write.change, signal), true);
      return memory ? { status: 'stored', memories: [memory] } : { status: 'missing' };
    }
    const existed = await attempt((signal) => provider.delete(write.memoryId, signal), true);
    // A second attempt finds nothing to delete because the first one did it.
    return existed || found !== 'waiting' ? { status: 'stored', memories: [] } : { status: 'missing' };
  };

  const toIndex = async (
    { userId, operationId, write }: TakenWrite,
    outcome: Outcome,
    signal: AbortSignal,
  ): Promise<void> => {
    await provisional.get(operationId);
    const memories = outcome.status === 'stored' ? outcome.memories : [];
    const gone = write.kind === 'add' ? operationId : write.memoryId;
    if (memories.length > 0) {
      await index.upsert(userId, await Promise.all(memories.map((memory) => points.toPoint(memory, false))), signal);
    }
    // The provisional point of an add, or the point of what was deleted.
    if (!memories.some(({ id }) => id === gone)) await index.remove(userId, [gone], signal);
  };

  const deliver = async (taken: TakenWrite): Promise<Outcome> => {
    const started = performance.now();
    let outcome: Outcome;
    try {
      outcome = await toProvider(taken);
      statistics.observe(`provider.${taken.write.kind}`, performance.now() - started);
      statistics.count('provider.success');
    } catch (error) {
      statistics.count('provider.failure');
      if (!(error instanceof ProviderError)) logger.error('write failed', describeError(error));
      return postpone(taken, error);
    } finally {
      providerCache.drop(taken.userId);
    }
    if (outcome.status === 'pending') {
      const { code, eventId } = outcome;
      if (eventId) await outbox.pending(taken, { eventId, delayMs: pendingPollMs });
      else await outbox.retry(taken, { code, delayMs: pendingPollMs, outcomeUnknown: true });
      return outcome;
    }
    indexing.add(taken.operationId);
    try {
      const signal = AbortSignal.timeout(indexMs);
      await raceSignal(toIndex(taken, outcome, signal), signal);
    } catch (error) {
      logger.warn('index write failed', { index: index.name, ...describeError(error) });
      await outbox.stored(taken, { code: 'index_unreachable', delayMs: backoffMs(taken.attempts) });
      return outcome;
    } finally {
      indexing.delete(taken.operationId);
    }
    await outbox.finish(taken);
    return outcome;
  };

  const postpone = async (taken: TakenWrite, error: unknown): Promise<Outcome> => {
    const { code, options } =
      error instanceof ProviderError
        ? error
        : { code: 'failed', options: { retryable: true, outcomeUnknown: true, retryAfterMs: undefined } };
    const { attempts, write } = taken;
    logger[levelFor(provider)]('write postponed', { provider: provider.name, kind: write.kind, code, attempts });
    if (!options.retryable) {
      await outbox.bury(taken, code);
      return { status: 'refused', code: `provider_${code}` };
    }
    const delayMs = Math.max(backoffMs(taken.attempts), options.retryAfterMs ?? 0);
    await outbox.retry(taken, { code, delayMs, outcomeUnknown: options.outcomeUnknown, isOver: sent.has(taken) });
    return { status: 'queued', code: `provider_${code}` };
  };

  /** A call during a drain makes it look once more before it ends: its last look may have been too early for this write. */
  const drain = (userId: string): Promise<void> => {
    const current = draining.get(userId);
    if (current) {
      current.lookAgain = true;
      return current.done;
    }
    const run = async () => {
      do {
        drained.lookAgain = false;
        let taken = await outbox.take(userId);
        while (taken) {
          const outcome = await deliver(taken);
          waiting.get(taken.operationId)?.(outcome);
          taken = taken.hasMore ? await outbox.take(userId) : null;
        }
      } while (drained.lookAgain);
    };
    const drained = { lookAgain: false, done: Promise.resolve() };
    draining.set(userId, drained);
    drained.done = run().finally(() => draining.delete(userId));
    return drained.done;
  };

  const firstOutcome = (userId: string, operationId: string, waitMs: number) =>
    new Promise<Outcome>((resolve) => {
      const queued = (code: string) => resolve({ status: 'queued', code });
      // An attempt begun before the circuit opened may still be waiting for a silent provider.
      const timer = isCutOff(provider)
        ? setTimeout(queued, 0, 'provider_unavailable')
        : setTimeout(queued, waitMs, 'provider_slow');
      waiting.set(operationId, resolve);
      // The drain ends without this write where an earlier one, or another process, holds it up.
      drain(userId)
        .then(
          () => queued('behind_earlier_writes'),
          () => queued('database_unreachable'),
        )
        .finally(() => {
          clearTimeout(timer);
          waiting.delete(operationId);
        });
    });

  return {
    drain,
    outcomeOf: async (userId, operationId, waitMs, untilThen) => {
      const outcome = await firstOutcome(userId, operationId, waitMs);
      const hasArrived = indexing.has(operationId) || (outcome.status !== 'queued' && outcome.status !== 'pending');
      if (hasArrived) return outcome;
      const signal = AbortSignal.timeout(provisionalMs);
      const shown = raceSignal(untilThen(signal), signal)
        .catch((error) => {
          logger[levelFor(index)]('provisional point not written', { index: index.name, ...describeError(error) });
        })
        .finally(() => provisional.delete(operationId));
      provisional.set(operationId, shown);
      await raceSignal(shown, AbortSignal.timeout(waitMs)).catch(() => undefined);
      return outcome;
    },
    idle: async () => {
      while (draining.size > 0) await Promise.allSettled([...draining.values()].map(({ done }) => done));
    },
  };
}
