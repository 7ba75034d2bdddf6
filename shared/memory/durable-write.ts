import type { OutboxWrite } from '../database/schema';
import { ProblemError } from '../http/problem';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { describeError, type Logger } from '../telemetry/logger';
import type { Outcome } from './carrying';
import type { Delivery, UntilThen } from './delivery';
import type { Outbox } from './outbox-contract';
import type { MemoryProvider } from './provider';

/** How long a request waits for the provider to take its write before it answers `queued`; the attempt goes on behind it. */
const writeWaitMs = 1_500;
/** What is left of the request's budget for the answer itself. */
const answerMs = 200;

export const unavailable = (detail: string) =>
  new ProblemError(503, `${detail} Send it again.`, undefined, { 'retry-after': '5' });

/**
 * Makes a write durable and waits a moment for it to arrive. `untilThen` lets the index show it meanwhile. Throws ProblemError 503
 * when nothing could take it; anything it resolves to was accepted.
 */
export type DurableWrite = (
  operation: { userId: string; operationId: string; write: OutboxWrite; waitMs?: number },
  deadline: Deadline,
  untilThen: UntilThen,
) => Promise<Outcome>;

export function createDurableWrite({
  outbox,
  delivery,
  provider,
  logger,
}: {
  outbox: Outbox;
  delivery: Delivery;
  provider: MemoryProvider;
  logger: Logger;
}): DurableWrite {
  /** Without the outbox an add can still be durable where the provider takes it: what it works on later is its own to keep. */
  const writeThrough = async (write: OutboxWrite, { signal }: Deadline): Promise<Outcome> => {
    const receipt =
      write.kind === 'add' ? await raceSignal(provider.add(write.memory, signal), signal).catch(() => null) : null;
    if (receipt?.status === 'stored') return receipt;
    if (receipt?.eventId) return { status: 'pending', code: 'provider_pending' };
    throw unavailable('Nothing could be stored just now: neither the memory provider nor the outbox took it.');
  };

  return async ({ userId, operationId, write, waitMs = writeWaitMs }, deadline, untilThen) => {
    const budget = deadline.within(deadline.remainingMs() - answerMs);
    try {
      await raceSignal(outbox.accept(userId, operationId, write), budget.signal);
    } catch (error) {
      logger.error('outbox unreachable', describeError(error));
      return writeThrough(write, budget);
    }
    return delivery.outcomeOf(userId, operationId, Math.min(waitMs, budget.remainingMs()), untilThen);
  };
}
