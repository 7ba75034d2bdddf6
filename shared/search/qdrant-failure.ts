import { CallTimeoutError, CircuitOpenError, type Verdict } from '../resilience/policy';
import { IndexError } from './index';

/** A call that Qdrant did not answer as it should; everything else that is thrown is a bug of ours. */
export class QdrantFailure extends Error {
  override readonly name = 'QdrantFailure';
  /** HTTP status; null where there was no reply, or one that cannot be read. */
  readonly status: number | null;

  constructor(cause: unknown) {
    super('Qdrant failed', { cause });
    const { status } = cause as { status?: unknown };
    // The client has a class of its own for a 429 that says when to come back, and reads only the first digit of that.
    this.status = isTimed429(cause) ? 429 : typeof status === 'number' ? status : null;
  }
}

/** For `createPolicy`. All our calls may be sent twice: a point is written whole and under its own id. */
export function judgeFailure(error: unknown): Verdict {
  if (!(error instanceof QdrantFailure)) return { retryable: false, outcomeUnknown: false, isOutage: false };
  const { status, cause } = error;
  const isOutage = status === null || status >= 500;
  // 404: the collection is gone, and is made again by the next attempt.
  const retryable = isOutage || status === 404 || (status === 429 && !isTimed429(cause));
  return { retryable, outcomeUnknown: isOutage, isOutage };
}

/** What callers are told. Gives back what is not a failure of Qdrant's. */
export function toIndexError(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof QdrantFailure) {
    const { status } = error;
    const isRefused = status !== null && status >= 400 && status < 500 && status !== 404 && status !== 429;
    return new IndexError('qdrant', isRefused ? 'refused' : 'unavailable', { cause: error });
  }
  if (error instanceof CallTimeoutError || error === signal.reason) {
    return new IndexError('qdrant', 'timeout', { cause: error });
  }
  if (error instanceof CircuitOpenError) return new IndexError('qdrant', 'unavailable', { cause: error });
  return error;
}

const isTimed429 = (cause: unknown) => typeof cause === 'object' && cause !== null && 'retry_after' in cause;

export const isStatus = (error: unknown, status: number): boolean =>
  error instanceof QdrantFailure && error.status === status;

/** For `catch`: null for a failure of this status, which is an answer, too. */
export const unless =
  (status: number) =>
  (error: unknown): null => {
    if (isStatus(error, status)) return null;
    throw error;
  };
