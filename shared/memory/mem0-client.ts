import { fetchWithSecret, type SecretSource } from '../config/fetch-with-secret';
import { toRetryAfterMs } from '../resilience/retry-after';
import { createVendorFailures } from './vendor-failure';

const { nonsense, fromStatus, fromNetwork } = createVendorFailures('mem0');

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
    within(signal: AbortSignal): this {
      return Object.assign(Object.create(this) as this, { signal });
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
