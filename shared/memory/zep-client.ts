import { fetchWithSecret, type SecretSource } from '../config/fetch-with-secret';
import { toRetryAfterMs } from '../resilience/retry-after';
import { ProviderError } from './provider';
import { createVendorFailures } from './vendor-failure';

const { nonsense, fromStatus, fromNetwork } = createVendorFailures('zep');

/** What is thrown through Zep's client where Zep knows no such thing (404). */
const notThere = new Error('Zep knows no such thing.');
const orNull = (call: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(call).then(
    (reply) => reply ?? {},
    (error) => {
      if (error === notThere) return null;
      throw error;
    },
  );

/** A message of a thread, as Zep takes it: at most 4,096 characters and 10 scalar metadata keys. */
export interface ZepMessage {
  role: 'user' | 'assistant' | 'system';
  name?: string;
  content: string;
  createdAt: string;
  metadata: Record<string, unknown>;
}

export interface EpisodePage {
  cursor?: string;
  /** At most 256. */
  uuids?: string[];
  /** Those whose metadata have one of these values, at most 10: Zep does not say how many it takes. */
  where?: { key: string; values: string[] };
}

/** Of a list of episodes. */
export const longestPage = 50;

/** Part of a path; a person may be called `..`, which would be another path. */
const inPath = (id: string): string => {
  if (/^\.{1,2}$/.test(id)) throw new ProviderError('zep', 'refused', { retryable: false, outcomeUnknown: false });
  return id;
};

const toJson = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    throw nonsense(error);
  }
};

/**
 * The calls of Zep's own client that we use, over a `fetch` of ours in the place of its own: that one retries what may have arrived,
 * ignores Retry-After, waits for ever on a body that stalls, keeps the process alive for a minute after a reset connection, and says
 * "timeout" for whatever was aborted. Calls reject with `ProviderError`, or with the signal's reason; what is not there (404) is null.
 * Each is made with the key of now, and with a newer one where Zep refuses it. Written for @getzep/zep-cloud 3.30.
 */
export async function loadZepClient(source: SecretSource<'ZEP_API_KEY'>, baseUrl: string | undefined) {
  const { ZepClient: Sdk } = await import('@getzep/zep-cloud');
  type Fetcher = NonNullable<NonNullable<ConstructorParameters<typeof Sdk>[0]>['fetcher']>;

  const fetcher: Fetcher = async <Body>({ url, queryParameters, ...request }: Parameters<Fetcher>[0]) => {
    const signal = request.abortSignal ?? null;
    const query = new URLSearchParams(queryParameters as Record<string, string>).toString();
    const own = Object.entries(request.headers ?? {}).filter((header): header is [string, string] =>
      header.every((part) => typeof part === 'string'),
    );
    const send = (apiKey: string | undefined) =>
      fetch(query ? `${url}?${query}` : url, {
        method: request.method,
        headers: {
          ...Object.fromEntries(own),
          ...(request.contentType && { 'content-type': request.contentType }),
          Authorization: `Api-Key ${apiKey}`,
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        signal,
      });
    const response = await fetchWithSecret(source, 'ZEP_API_KEY', send).catch((error) => {
      throw signal?.aborted ? signal.reason : fromNetwork(error);
    });
    if (!response.ok) {
      await response.body?.cancel().catch(() => undefined);
      if (response.status === 404) throw notThere;
      throw fromStatus(response.status, toRetryAfterMs(response.headers.get('retry-after')));
    }
    const text = await response.text().catch((error) => {
      throw signal?.aborted ? signal.reason : nonsense(error);
    });
    return { ok: true as const, body: toJson(text) as Body, rawResponse: response };
  };

  // The client wants a key of its own; it goes nowhere.
  const sdk = new Sdk({ apiKey: 'none', fetcher, ...(baseUrl && { baseUrl: baseUrl.replace(/\/+$/, '') }) });

  class ZepClient {
    private options: { abortSignal?: AbortSignal } = {};

    /** The same client, each of whose requests ends with `signal`. */
    within(signal: AbortSignal): this {
      return Object.assign(Object.create(this) as this, { options: { abortSignal: signal } });
    }

    /** Whether it answers, and takes our key. */
    check(): Promise<unknown> {
      return orNull(sdk.project.get(this.options));
    }

    user(userId: string): Promise<unknown> {
      return orNull(sdk.user.get(inPath(userId), this.options));
    }

    addUser(userId: string): Promise<unknown> {
      return orNull(sdk.user.add({ userId }, this.options));
    }

    /** A page of people, the oldest first; pages begin with 1. */
    users(pageNumber: number, pageSize: number): Promise<unknown> {
      return orNull(sdk.user.listOrdered({ pageNumber, pageSize, orderBy: 'created_at', asc: true }, this.options));
    }

    addThread(threadId: string, userId: string): Promise<unknown> {
      return orNull(sdk.thread.create({ threadId, userId }, this.options));
    }

    /** The latest messages of a thread. */
    thread(threadId: string, lastn: number): Promise<unknown> {
      return orNull(sdk.thread.get(threadId, { lastn }, this.options));
    }

    /** At most 30. */
    addMessages(threadId: string, messages: ZepMessage[]): Promise<unknown> {
      return orNull(sdk.thread.addMessages(threadId, { messages }, this.options));
    }

    updateMessage(uuid: string, metadata: Record<string, unknown>): Promise<unknown> {
      return orNull(sdk.thread.message.update(uuid, { metadata }, this.options));
    }

    deleteThread(threadId: string): Promise<unknown> {
      return orNull(sdk.thread.delete(threadId, this.options));
    }

    /** At most 10,000 characters. */
    addEpisode(episode: { userId: string; data: string; createdAt: string; metadata: Record<string, unknown> }) {
      return orNull(sdk.graph.add({ ...episode, type: 'text' }, this.options));
    }

    episode(uuid: string): Promise<unknown> {
      return orNull(sdk.graph.episode.get(uuid, this.options));
    }

    /** Keys that are given take the place of those of the same name; the others stay. */
    updateEpisode(uuid: string, metadata: Record<string, unknown>): Promise<unknown> {
      return orNull(sdk.graph.episode.update(uuid, { metadata }, this.options));
    }

    deleteEpisode(uuid: string): Promise<unknown> {
      return orNull(sdk.graph.episode.delete(uuid, this.options));
    }

    /** A page of a person's episodes, messages among them, the latest first: all, those of a metadata key's values, or those of these ids. */
    episodes(userId: string, { cursor, uuids, where }: EpisodePage): Promise<unknown> {
      const filters = where?.values.map((propertyValue) => ({
        ...{ propertyName: where.key, comparisonOperator: '=' as const, propertyValue },
      }));
      const request = {
        ...{ limit: longestPage, orderBy: 'created_at', direction: 'desc' },
        ...(cursor && { cursor }),
        ...(uuids && { mentionedNodeUuids: uuids }),
        ...(filters && { episodeMetadataFilters: { type: 'or' as const, filters } }),
      };
      const listed = sdk.graph.episode.listByUserId(inPath(userId), request, this.options).withRawResponse();
      return orNull(
        listed.then(({ data, rawResponse }) => ({
          episodes: data,
          nextCursor: rawResponse.headers.get('zep-next-cursor'),
        })),
      );
    }

    /** At most 400 characters and 50 results. */
    search(userId: string, query: string, limit: number): Promise<unknown> {
      return orNull(sdk.graph.search({ userId, query, limit, scope: 'episodes' }, this.options));
    }
  }
  return new ZepClient();
}

export type ZepClient = Awaited<ReturnType<typeof loadZepClient>>;
