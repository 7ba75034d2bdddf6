import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  type IBreaker,
} from 'cockatiel';
import { inSpan } from '../telemetry/tracing';
import { raceSignal } from './deadline';
import { pause } from './pause';

/** What a failed call says, in no vendor's words. */
export interface Verdict {
  /** The same call may succeed later. */
  retryable: boolean;
  /** The call may have taken effect: it is sent again only where that does no harm. */
  outcomeUnknown: boolean;
  /** How long the vendor asks us to wait. */
  retryAfterMs?: number;
  /** Speaks against the vendor's health. A refusal or a 429 does not: who answers so is alive. */
  isOutage: boolean;
}

export type CircuitName = 'closed' | 'open' | 'half-open';

/** Somebody whose calls may leave this process. */
interface Vendor {
  circuit?(): CircuitName;
}

/** Whether calls to a vendor end at once, unmade: then there is nothing to wait for. */
export const isCutOff = ({ circuit = () => 'closed' }: Vendor): boolean => circuit() !== 'closed';

/** How loud to log a vendor's failure: that its circuit is open was said when it opened, and is not said again with every call. */
export const levelFor = (vendor: Vendor): 'debug' | 'warn' => (isCutOff(vendor) ? 'debug' : 'warn');

export interface PolicyOptions {
  /** Whose calls these are: what their spans are called. */
  vendor: string;
  /** One attempt's time. */
  attemptMs: number;
  /** Attempts after the first one. */
  maxRetries: number;
  judge: (error: unknown) => Verdict;
  /** A harmless call that tells whether the vendor is back. Without one, somebody's call has to find out. */
  probe?: (signal: AbortSignal) => Promise<unknown>;
  onCircuit?: (circuit: CircuitName) => void;
  /** So many outages in a row, and as many as calls are under way, open the circuit: for `firstOpenMs`, and twice as long each time that it is not back, up to `openMs`. */
  breakAfter?: number;
  firstOpenMs?: number;
  openMs?: number;
  /** A call whose caller had less time than this goes on without the caller for so long, to learn whether the vendor is there. */
  fairMs?: number;
  /** The first pause before a retry; it doubles, half of it by chance, up to the longest. A vendor that asks for more is not waited for. */
  firstPauseMs?: number;
  longestPauseMs?: number;
}

/** The vendor did not answer in the time it was given. */
export class CallTimeoutError extends Error {
  override readonly name = 'CallTimeoutError';
  constructor(waitedMs: number, options: ErrorOptions) {
    super(`no answer in ${Math.round(waitedMs)} ms`, options);
  }
}

/** The vendor was not called: its latest calls all failed, and it is not yet known to be back. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
}

export interface Call {
  /** The caller's own budget. */
  signal: AbortSignal;
  /** Whether sending it twice does no harm. Default false. */
  repeatable?: boolean;
  /** What its span is called; the vendor's name unless told. */
  name?: string;
}

/**
 * How one vendor is called: every attempt with a deadline, retries inside the caller's budget, and a circuit breaker that spares
 * everybody the wait for a vendor that is down.
 */
export interface Policy {
  /**
   * Resolves as `work` does. Rejects with its last error; with `CallTimeoutError` where it did not answer in time (its `cause` is the
   * signal's reason where the caller's budget ended), with `CircuitOpenError` or the signal's own reason where it was not called at
   * all. `work` gets the signal of its attempt, and how many went before.
   */
  run<T>(work: (signal: AbortSignal, earlier: number) => Promise<T>, call: Call): Promise<T>;
  circuit(): CircuitName;
}

const circuitNames: Record<CircuitState, CircuitName> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
};

export function createPolicy(options: PolicyOptions): Policy {
  const { attemptMs, maxRetries, probe, onCircuit, breakAfter = 5, fairMs = 1_000 } = options;
  const { openMs = 10_000, firstOpenMs = 1_000 } = options;
  const { firstPauseMs = 200, longestPauseMs = 5_000 } = options;

  const judge = (error: unknown): Verdict =>
    error instanceof CallTimeoutError
      ? { retryable: true, outcomeUnknown: true, isOutage: true }
      : options.judge(error);

  let underWay = 0;
  const inARow = new ConsecutiveBreaker(breakAfter);
  /** Of many calls at a time those that fail at once come first: a few of them in a row are chance. */
  const rule: IBreaker = {
    state: undefined,
    success: () => inARow.success(),
    failure: () => inARow.failure() && inARow.state >= underWay,
  };
  const openFor = ({ attempt: times }: { attempt: number }) => Math.min(openMs, firstOpenMs * 2 ** (times - 1));
  const breaker = circuitBreaker(
    handleWhen((error) => judge(error).isOutage),
    { halfOpenAfter: new DelegateBackoff(openFor), breaker: rule },
  );
  breaker.onStateChange((state) => onCircuit?.(circuitNames[state]));

  /** A caller who leaves early does not end it before the vendor had a fair time: calls in a hurry would never tell that it is silent. */
  const attempt = async <T>(work: (signal: AbortSignal) => Promise<T>, caller?: AbortSignal): Promise<T> => {
    const started = performance.now();
    const left = new AbortController();
    const leave = () => {
      const fairMsLeft = Math.max(0, started + fairMs - performance.now());
      setTimeout(() => left.abort(caller?.reason), fairMsLeft).unref();
    };
    const signal = AbortSignal.any([left.signal, AbortSignal.timeout(attemptMs)]);
    caller?.addEventListener('abort', leave, { once: true });
    underWay++;
    try {
      return await raceSignal(work(signal), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new CallTimeoutError(performance.now() - started, { cause: signal.reason });
    } finally {
      underWay--;
      caller?.removeEventListener('abort', leave);
    }
  };

  /** Whether somebody may call now. Once the circuit has been open long enough, the probe goes first, in the background. */
  const mayCall = (): boolean => {
    if (breaker.state === CircuitState.Closed) return true;
    // cockatiel lets other calls wait for the one that tests a half-open circuit; a silent vendor would hold up all of them.
    if (breaker.state === CircuitState.HalfOpen) return false;
    if (!probe) return true;
    breaker.execute(() => attempt(probe)).catch(() => undefined);
    return false;
  };

  const once = async <T>(work: (signal: AbortSignal) => Promise<T>, caller: AbortSignal): Promise<T> => {
    if (!mayCall()) throw new CircuitOpenError();
    const started = performance.now();
    let isCalled = false;
    const called = breaker.execute(() => {
      isCalled = true;
      return attempt(work, caller);
    });
    try {
      return await raceSignal(called, caller);
    } catch (error) {
      if (!isCalled) throw new CircuitOpenError(undefined, { cause: error });
      if (!caller.aborted || error instanceof CallTimeoutError) throw error;
      throw new CallTimeoutError(performance.now() - started, { cause: caller.reason });
    }
  };

  const pauseMs = (earlier: number) =>
    Math.min(longestPauseMs, firstPauseMs * 2 ** earlier) * (0.5 + Math.random() / 2);

  return {
    circuit: () => circuitNames[breaker.state],
    run: (work, { signal, repeatable = false, name = options.vendor }) =>
      inSpan(name, async (span) => {
        signal.throwIfAborted();
        for (let earlier = 0; ; earlier++) {
          try {
            return await once((attemptSignal) => work(attemptSignal, earlier), signal);
          } catch (error) {
            if (error instanceof CircuitOpenError || earlier >= maxRetries || signal.aborted) throw error;
            const { retryable, outcomeUnknown, retryAfterMs = 0 } = judge(error);
            const isWorthIt = retryable && (repeatable || !outcomeUnknown) && retryAfterMs <= longestPauseMs;
            if (!isWorthIt || !(await pause(Math.max(pauseMs(earlier), retryAfterMs), signal))) throw error;
            span.set({ retries: earlier + 1 });
          }
        }
      }),
  };
}
