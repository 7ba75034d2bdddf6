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
}

/** What the SDK says of a reply that was none, as far as it is used here. */
interface StatusError extends Error {
  statusCode?: number;
  isRetryable: boolean;
  responseHeaders?: Record<string, string>;
}

/** A connection that broke: `fetch` rejects with a bare TypeError; why is in its cause. */
const isBroken = (error: Error): boolean => typeof (error.cause as { code?: unknown } | undefined)?.code === 'string';

/** Asking twice does no harm, so what may pass is asked again. `isStatusError` is the SDK's own test. */
export function toCallFailure(error: unknown, isStatusError: (error: unknown) => error is StatusError): CallFailure {
  if (error instanceof CallFailure) return error;
  // An error that stands in a stream in place of the next piece, as the vendor wrote it.
  if (!(error instanceof Error)) return new CallFailure('unavailable', {}, { retryable: true, isOutage: true });
  const fields = describeError(error);
  if (isStatusError(error)) {
    const { statusCode: status, isRetryable, responseHeaders } = error;
    const said = { ...fields, status };
    if (isRetryable) {
      const retryAfterMs = toRetryAfterMs(responseHeaders?.['retry-after']);
      return new CallFailure('unavailable', said, { retryable: true, retryAfterMs, isOutage: status !== 429 });
    }
    if (status !== undefined && status >= 400) return new CallFailure('refused', said);
  } else if (isBroken(error)) {
    return new CallFailure('unavailable', fields, { retryable: true, isOutage: true });
  }
  return new CallFailure('nonsense', fields, { isOutage: true });
}
