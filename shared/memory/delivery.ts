import type { Origin, OutboxWrite } from '../database/schema';
import { raceSignal } from '../resilience/deadline';
import { isCutOff, levelFor } from '../resilience/policy';
import type { SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { describeError, type Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { createLookAgain } from './look-again';
import type { Memory } from './memory';
import { backoffMs, type Outbox, type TakenWrite } from './outbox';
import { type MemoryProvider, ProviderError } from './provider';
import type { ProviderCache } from './provider-cache';
import { createSending, type Sent } from './sending';
import type { Tombstones } from './tombstones';

/**
 * What became of a write. `missing`: there was no such memory to change. `refused`: the provider will not take it, now or later.
 * `queued`: durable, to be tried again.
 */
export type Outcome =
  | { status: 'stored'; memories: Memory[] }
  | { status: 'missing' }
  | { status: 'pending' | 'queued' | 'refused'; code: string };

/** How often in a row a provider that works asynchronously is asked again by itself; after that the tick does. */
const pendingPolls = 15;
const indexMs = 10_000;
const provisionalMs = 2_000;

/**
 * Told what the provider made of an add that a room keeps a row of, before the write is done: after a crash it is told again. Rejects
 * when the database cannot be reached.
 */
export type Arrivals = Record<Origin, (operationId: string, memories: Memory[]) => Promise<void>>;

export interface DeliveryDependencies {
  outbox: Outbox;
  provider: MemoryProvider;
  providerCache: Pick<ProviderCache, 'drop'>;
  index: SearchIndex;
  points: PointBuilder;
  tombstones: Tombstones;
  arrivals: Arrivals;
  statistics: Statistics;
  logger: Logger;
  /** How soon a provider that works asynchronously is asked again. */
  pendingPollMs?: number;
}

/** Why a write has to wait. `write`: what is to be sent instead. */
type Failure = ProviderError['options'] & { code: string; write?: OutboxWrite };

const unknownFailure = { code: 'failed', options: { retryable: true, outcomeUnknown: true } };

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
  /** Resolves once nothing is under way in this process, and nothing begins by itself. */
  idle(): Promise<void>;
}

export function createDelivery({
  outbox,
  provider,
  providerCache,
  index,
  points,
  tombstones,
  arrivals,
  statistics,
  logger,
  pendingPollMs = 2_000,
}: DeliveryDependencies): Delivery {
  const sending = createSending({ outbox, provider, points, tombstones });
  const draining = new Map<string, { lookAgain: boolean; done: Promise<void> }>();
  const waiting = new Map<string, (outcome: Outcome) => void>();
  const outcomes = new Map<string, Promise<Outcome>>();
  // A provisional point must not overtake the provider's own memories, so each waits for the other.
  const provisional = new Map<string, Promise<void>>();
  const indexing = new Set<string>();

  /** A stone comes before the point goes: what was read of the memory before must not bring it back. */
  const toIndex = async (
    { userId, operationId, write }: TakenWrite,
    sent: Sent,
    signal: AbortSignal,
  ): Promise<void> => {
    await provisional.get(operationId);
    const memories = sent.status === 'stored' ? sent.memories : [];
    const gone = sent.gone.filter((id) => !memories.some((memory) => memory.id === id));
    if (memories.length > 0) {
      await index.upsert(userId, await Promise.all(memories.map((memory) => points.toPoint(memory, false))), signal);
    }
    if (write.kind !== 'add') await tombstones.set(userId, gone);
    if (gone.length > 0) await index.remove(userId, gone, signal);
  };

  /** Brings the index to what the provider has, and then the write is done. */
  const conclude = async (taken: TakenWrite, sent: Sent): Promise<void> => {
    indexing.add(taken.operationId);
    try {
      const signal = AbortSignal.timeout(indexMs);
      await raceSignal(toIndex(taken, sent, signal), signal).then(
        () => outbox.finish(taken),
        (error) => {
          logger.warn('index write failed', { index: index.name, ...describeError(error) });
          return outbox.stored(taken, { code: 'index_unreachable', delayMs: backoffMs(taken.attempts) });
        },
      );
    } finally {
      indexing.delete(taken.operationId);
    }
  };

  const deliver = async (taken: TakenWrite): Promise<Outcome> => {
    const started = performance.now();
    let sent: Sent;
    try {
      sent = await sending.send(taken);
    } catch (error) {
      if (!(error instanceof ProviderError)) logger.error('write failed', describeError(error));
      const { code, options } = error instanceof ProviderError ? error : unknownFailure;
      return postpone(taken, { code, ...options });
    } finally {
      providerCache.drop(taken.userId);
    }
    if (sent.status === 'failed') {
      const failure = { code: 'extraction_failed', retryable: true, outcomeUnknown: false };
      return postpone(taken, { ...failure, write: sent.again });
    }
    statistics.observe(`provider.${taken.write.kind}`, performance.now() - started);
    statistics.count('provider.success');
    if (sent.status === 'pending') {
      const { eventId } = sent;
      await outbox.pending(taken, { eventId, delayMs: pendingPollMs });
      return eventId ? { status: 'pending', code: 'provider_pending' } : { status: 'queued', code: 'outcome_unknown' };
    }
    const { write, operationId } = taken;
    if (write.kind === 'add' && write.origin && sent.status === 'stored' && sent.memories.length > 0)
      await arrivals[write.origin](operationId, sent.memories);
    await conclude(taken, sent);
    return sent.status === 'stored' ? sent : { status: 'missing' };
  };

  const postpone = async (taken: TakenWrite, failure: Failure): Promise<Outcome> => {
    const { code, retryable, retryAfterMs = 0, ...rest } = failure;
    const { write, attempts } = taken;
    statistics.count('provider.failure');
    logger[levelFor(provider)]('write postponed', { provider: provider.name, kind: write.kind, code, attempts });
    if (!retryable) {
      await outbox.bury(taken, code);
      return { status: 'refused', code: `provider_${code}` };
    }
    const delayMs = Math.max(backoffMs(attempts), retryAfterMs);
    await outbox.retry(taken, { code, delayMs, isOver: sending.hasSent(taken), ...rest });
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
          follow(taken, outcome);
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

  const followed = createLookAgain(drain, { everyMs: pendingPollMs, times: pendingPolls });
  /** What was pending already when it was taken has been followed long enough, or by another process. */
  const follow = ({ userId, operationId, found }: TakenWrite, { status }: Outcome) => {
    if (status === 'pending' && found !== 'pending') followed.open(userId, operationId);
    // What is queued has still to arrive.
    if (status !== 'pending' && status !== 'queued') followed.done(userId, operationId);
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

  const outcomeOf: Delivery['outcomeOf'] = async (userId, operationId, waitMs, untilThen) => {
    const outcome = await firstOutcome(userId, operationId, waitMs);
    const hasArrived = indexing.has(operationId) || (outcome.status !== 'queued' && outcome.status !== 'pending');
    if (hasArrived) return outcome;
    const signal = AbortSignal.timeout(provisionalMs);
    // Nothing would take away what stands in for a write that was done before this one asked.
    const show = async () => (await outbox.stateOf(operationId)) && untilThen(signal);
    const shown = raceSignal(show(), signal)
      .then(() => undefined)
      .catch((error) => {
        logger[levelFor(index)]('provisional point not written', { index: index.name, ...describeError(error) });
      })
      .finally(() => provisional.delete(operationId));
    provisional.set(operationId, shown);
    await raceSignal(shown, AbortSignal.timeout(Math.ceil(waitMs))).catch(() => undefined);
    return outcome;
  };

  return {
    drain,
    // The same message twice at once is one operation, with one outcome.
    outcomeOf: (userId, operationId, ...others) => {
      const asked = outcomes.get(operationId) ?? outcomeOf(userId, operationId, ...others);
      outcomes.set(operationId, asked);
      return asked.finally(() => outcomes.delete(operationId));
    },
    idle: async () => {
      while (draining.size > 0) await Promise.allSettled([...draining.values()].map(({ done }) => done));
      followed.stop();
    },
  };
}
