import { fetchWithSecret, type SecretSource } from '../config/fetch-with-secret';
import { toRetryAfterMs } from '../resilience/retry-after';
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

const failure = (code: ProviderError['code'], options: Partial<ProviderError['options']> = {}) =>
  new ProviderError('mem0', code, { retryable: true, outcomeUnknown: false, ...options });

/** A reply that is none of ours to understand; what was asked for may have been done. */
export const nonsense = (cause: unknown) => failure('unavailable', { outcomeUnknown: true, cause });

/**
 * What a status other than 2xx says. Whatever it says, the request arrived: what is to be sent again is looked for first. The reply's
 * text is not kept: it quotes the request.
 */
function fromStatus(status: number, retryAfterMs: number | undefined): ProviderError {
  if (status === 429) return failure('rate_limited', { outcomeUnknown: true, retryAfterMs });
  if (status === 402) return failure('quota', { outcomeUnknown: true, retryAfterMs: quotaRetryMs });
  // The client calls this one a quota, too; as a status it says that this request will always be too large.
  if (status === 413) return failure('quota', { retryable: false });
  if (status === 401 || status === 403) return failure('refused', { outcomeUnknown: true, retryAfterMs: keyRetryMs });
  if (status === 408 || status >= 500) return failure('unavailable', { outcomeUnknown: true, retryAfterMs });
  return failure('refused', { retryable: false });
}

/** `fetch` rejects with a bare TypeError; why is in its cause. */
function fromNetwork(error: { cause?: { code?: unknown } }): ProviderError {
  const code = String(error.cause?.code);
  return failure('unavailable', { outcomeUnknown: !notArrived.has(code), cause: error });
}

/**
 * Mem0's own client with what it lacks: a signal, errors that say what may be done about them, events, and nothing said behind our
 * back. Its calls reject with `ProviderError`, or with the signal's reason; what is not there (404) is null. Each is made with the key
 * of now, and with a newer one where Mem0 refuses it. Written for mem0ai 3.3.1.
 */
export async function loadMem0Client(source: SecretSource<'MEM0_API_KEY'>, host: string | undefined) {
  // mem0ai reads this once, when it is loaded, and otherwise reports every call to a third party: this has to come before, here.
  process.env.MEM0_TELEMETRY = 'false';
  const { MemoryClient } = await import('mem0ai');

  class Mem0Client extends MemoryClient {
    private signal: AbortSignal | undefined;

    /** The same client, each of whose requests ends with `signal`. */
    within(signal: AbortSignal): Mem0Client {
      return Object.assign(Object.create(this) as Mem0Client, { signal });
    }

    /** The constructor calls this and prints what comes of it, error text and all; the first real call finds out just as well. */
    override async ping(): Promise<void> {}

    /** Whether it answers, and takes our key. */
    check(): Promise<unknown> {
      return this.send('/v1/ping/');
    }

    event(id: string): Promise<unknown> {
      return this.send(`/v1/event/${encodeURIComponent(id)}/`);
    }

    /** A page of events; `query` is that of the page before's `next`. */
    events(query: string): Promise<unknown> {
      return this.send(`/v1/events/${query}`);
    }

    /** Starts it; the client's own `deleteUsers` hides what went wrong. */
    deleteUserEntity(userId: string): Promise<unknown> {
      return this.send(`/v2/entities/user/${encodeURIComponent(userId)}/`, 'DELETE');
    }

    private send(path: string, method = 'GET'): Promise<unknown> {
      return this._fetchWithErrorHandling(`${this.host}${path}`, { method, headers: this.headers });
    }

    /** Every request of the client goes through here. */
    override async _fetchRawJson(url: string, request: RequestInit): Promise<unknown> {
      const signal = this.signal ?? null;
      const send = (apiKey: string | undefined) =>
        fetch(url, { ...request, headers: { ...request.headers, Authorization: `Token ${apiKey}` }, signal });
      const response = await fetchWithSecret(source, 'MEM0_API_KEY', send).catch((error) => {
        throw signal?.aborted ? signal.reason : fromNetwork(error);
      });
      if (!response.ok) {
        await response.body?.cancel().catch(() => undefined);
        if (response.status === 404) return null;
        throw fromStatus(response.status, toRetryAfterMs(response.headers.get('retry-after')));
      }
      return response.json().catch((error) => {
        throw signal?.aborted ? signal.reason : nonsense(error);
      });
    }
  }

  // The client wants a key of its own; it goes nowhere.
  return new Mem0Client({ apiKey: 'none', ...(host && { host: host.replace(/\/+$/, '') }) });
}

export type Mem0Client = Awaited<ReturnType<typeof loadMem0Client>>;
