import { ProviderError } from './provider';

/** Connections that were never made: what was to be sent did not arrive. */
const notArrived = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** A used-up quota and a wrong key are put right by a person, not by trying again soon. */
const quotaRetryMs = 600_000;
const keyRetryMs = 60_000;

/** What goes wrong with a memory provider behind HTTP, in our words. */
export function createVendorFailures(vendor: 'mem0' | 'zep') {
  const failure = (code: ProviderError['code'], options: Partial<ProviderError['options']> = {}) =>
    new ProviderError(vendor, code, { retryable: true, outcomeUnknown: false, ...options });

  return {
    /** A reply that is none of ours to understand; what was asked for may have been done. */
    nonsense: (cause: unknown) => failure('unavailable', { outcomeUnknown: true, cause }),
    /**
     * What a status other than 2xx says. Whatever it says, the request arrived: what is to be sent again is looked for first. The
     * reply's text is not kept: it quotes the request.
     */
    fromStatus: (status: number, retryAfterMs: number | undefined): ProviderError => {
      if (status === 429) return failure('rate_limited', { outcomeUnknown: true, retryAfterMs });
      if (status === 402) return failure('quota', { outcomeUnknown: true, retryAfterMs: quotaRetryMs });
      // As a status it says that this request will always be too large.
      if (status === 413) return failure('quota', { retryable: false });
      if (status === 401 || status === 403)
        return failure('refused', { outcomeUnknown: true, retryAfterMs: keyRetryMs });
      if (status === 408 || status >= 500) return failure('unavailable', { outcomeUnknown: true, retryAfterMs });
      return failure('refused', { retryable: false });
    },
    /** `fetch` rejects with a bare TypeError; why is in its cause. */
    fromNetwork: (error: { cause?: { code?: unknown } }): ProviderError => {
      const code = String(error.cause?.code);
      return failure('unavailable', { outcomeUnknown: !notArrived.has(code), cause: error });
    },
  };
}
