import { types } from 'node:util';
import type { Verdict } from '../resilience/policy';
import { toRetryAfterMs } from '../resilience/retry-after';
import { describeError, type LogFields } from '../telemetry/logger';
import type { ModelErrorCode } from './model-contract';

/** One call of the model that failed, in no vendor's words: theirs quote the request, so the error behind it is not kept. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly verdict: Verdict;
  constructor(
    readonly code: ModelErrorCode,
    /** What a log may say of it. */
    readonly fields: LogFields,
    verdict: Partial<Verdict> = {},
  ) {
    super(code);
    this.verdict = { retryable: false, outcomeUnknown: false, isOutage: false, ...verdict };
  }

  /** The same of a call that cannot be made again. */
  forGood(): CallFailure {
    return new CallFailure(this.code, this.fields, { ...this.verdict, retryable: false });
  }
}

/** What the SDK says of a reply that was none, as far as it is used here. */
interface StatusError extends Error {
  statusCode?: number;
  isRetryable: boolean;
  responseHeaders?: Record<string, string>;
}

/** Whether a connection broke: the socket's code is in the error's cause, or in that one's. */
function isBroken({ code, cause }: { code?: unknown; cause?: unknown }): boolean {
  return typeof code === 'string' || (typeof cause === 'object' && cause !== null && isBroken(cause));
}

/** Asking twice does no harm, so what may pass is asked again. `isStatusError` is the SDK's own test. */
export function toCallFailure(error: unknown, isStatusError: (error: unknown) => error is StatusError): CallFailure {
  if (error instanceof CallFailure) return error;
  const unavailable = { retryable: true, isOutage: true };
  // What stands in a stream in place of the next piece, as the vendor wrote it.
  if (!types.isNativeError(error)) return new CallFailure('unavailable', {}, unavailable);
  const fields = describeError(error);
  if (isBroken(error)) return new CallFailure('unavailable', fields, unavailable);
  if (!isStatusError(error)) return new CallFailure('nonsense', fields, { isOutage: true });
  const { statusCode: status, isRetryable, responseHeaders } = error;
  const said = { ...fields, status };
  if (isRetryable) {
    const retryAfterMs = toRetryAfterMs(responseHeaders?.['retry-after']);
    return new CallFailure('unavailable', said, { ...unavailable, retryAfterMs, isOutage: status !== 429 });
  }
  return (status ?? 0) >= 400
    ? new CallFailure('refused', said)
    : new CallFailure('nonsense', said, { isOutage: true });
}
