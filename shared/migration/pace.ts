import { type MemoryProvider, ProviderError } from '../memory/provider';
import { raceSignal } from '../resilience/deadline';
import { pause } from '../resilience/pause';
import { isCutOff } from '../resilience/policy';

/** A vendor was away for longer than is waited for. */
export class OutageError extends Error {
  override readonly name = 'OutageError';
  constructor(readonly reason: string) {
    super(reason);
  }
}

export interface PaceOptions {
  /** Calls at a time, at most. */
  atMost: number;
  attemptMs: number;
  /** The first pause after a failure; it doubles, up to the longest. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** After so long without one success a vendor counts as away. */
  outageMs: number;
}

/** Calls at a time before the first success. */
const atFirst = 4;
/** How often a vendor to whom calls are cut off is asked whether it is back. */
const cutOffPauseMs = 500;
/** What is refused at one time is refused for one reason. */
const halvedEveryMs = 1_000;

/**
 * How fast a vendor is called: additive increase, multiplicative decrease. Each success lets one more through at a time, and a 429 halves
 * that, once a second at most. A call is made again after its Retry-After; where a whole round of calls was refused, nobody calls before
 * that is over.
 */
export interface Pace {
  /** Resolves once calls go through. Rejects with `OutageError` where they are cut off for `outageMs`. */
  ready(signal: AbortSignal): Promise<void>;
  /** One call, in its turn. Rejects with `ProviderError`; with `OutageError` where it failed as all calls did for `outageMs`. */
  run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** As often as it takes, for what does no harm twice: rejects with a `ProviderError` only where that is not retryable. */
  insist<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** The pause after so many failures in a row, the latest of them `error`, `sinceMs` ago: no shorter than the vendor asks for. */
  rest(failures: number, error: unknown, signal: AbortSignal, sinceMs?: number): Promise<void>;
  /** Calls made since this was last asked. */
  takeCalls(): number;
}

export function createPace(vendor: Pick<MemoryProvider, 'name' | 'circuit' | 'users'>, options: PaceOptions): Pace {
  const { name } = vendor;
  const { atMost, attemptMs, firstPauseMs, longestPauseMs, outageMs } = options;
  let allowed = Math.min(atMost, atFirst);
  let under = 0;
  let calls = 0;
  let closedUntil = 0;
  let limitedInARow = 0;
  let halvedAt = Number.NEGATIVE_INFINITY;
  let failingSince: number | null = null;
  let looking: Promise<void> | null = null;
  const waiting: (() => void)[] = [];

  const next = () => {
    while (under < Math.floor(allowed) && waiting.length > 0) {
      under++;
      waiting.shift()?.();
    }
  };
  /** Asks for the least there is until the vendor answers again: of all who wait, one asks. */
  const look = async (signal: AbortSignal) => {
    const since = performance.now();
    while (isCutOff(vendor) && !signal.aborted) {
      if (performance.now() - since > outageMs) throw new OutageError(`${name}_unavailable`);
      await vendor.users({ limit: 1, cursor: null }, AbortSignal.timeout(attemptMs)).catch(() => undefined);
      if (isCutOff(vendor)) await pause(cutOffPauseMs, signal);
    }
  };
  const ready: Pace['ready'] = async (signal) => {
    if (isCutOff(vendor)) {
      looking ??= look(signal).finally(() => {
        looking = null;
      });
      await looking;
    }
    signal.throwIfAborted();
  };

  const enter = async (signal: AbortSignal) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      next();
    });
    while (closedUntil > performance.now() && !signal.aborted) await pause(closedUntil - performance.now(), signal);
  };
  const leave = () => {
    under--;
    next();
  };

  const noteSuccess = () => {
    allowed = Math.min(atMost, allowed + 1);
    failingSince = null;
    limitedInARow = 0;
  };
  const noteFailure = (error: unknown) => {
    if (!(error instanceof ProviderError)) return;
    const { code, options: said } = error;
    // The call was several, and the first of them went well.
    if (said.receipts?.length) noteSuccess();
    // All begin anew together once it is closed: failures that come quicker than replies would open it again.
    if (isCutOff(vendor)) allowed = 1;
    if (code === 'rate_limited') {
      limitedInARow++;
      if (performance.now() - halvedAt > halvedEveryMs) {
        allowed = Math.max(1, allowed / 2);
        halvedAt = performance.now();
      }
      if (limitedInARow > allowed) closedUntil = Math.max(closedUntil, performance.now() + askedMs(error));
    }
    failingSince ??= performance.now();
    if (said.retryable && performance.now() - failingSince > outageMs) throw new OutageError(`${name}_${code}`);
  };

  const run: Pace['run'] = async (work, signal) => {
    await enter(signal);
    try {
      await ready(signal);
      calls++;
      // What is under way when the run is stopped comes to its end, so that its outcome is known.
      const attempt = AbortSignal.timeout(attemptMs);
      const result = await raceSignal(work(attempt), attempt).catch((error) => {
        throw attempt.aborted && !(error instanceof ProviderError) ? timedOut(error) : error;
      });
      noteSuccess();
      return result;
    } catch (error) {
      noteFailure(error);
      throw error;
    } finally {
      leave();
    }
  };
  const timedOut = (cause: unknown) =>
    new ProviderError(name, 'timeout', { retryable: true, outcomeUnknown: true, cause });

  /** How long the vendor asks us to wait; what it asks beyond an outage is none of a run's. */
  const askedMs = (error: unknown) =>
    error instanceof ProviderError ? Math.min(error.options.retryAfterMs ?? 0, outageMs) : 0;

  const rest: Pace['rest'] = async (failures, error, signal, sinceMs = 0) => {
    const ms = Math.min(longestPauseMs, firstPauseMs * 2 ** failures) * (0.5 + Math.random() / 2);
    await pause(Math.max(0, Math.max(ms, askedMs(error)) - sinceMs), signal);
    signal.throwIfAborted();
  };

  return {
    ready,
    run,
    rest,
    insist: async (work, signal) => {
      for (let failures = 0; ; failures++) {
        try {
          return await run(work, signal);
        } catch (error) {
          if (!(error instanceof ProviderError) || !error.options.retryable) throw error;
          await rest(failures, error, signal);
        }
      }
    },
    takeCalls: () => {
      const made = calls;
      calls = 0;
      return made;
    },
  };
}
