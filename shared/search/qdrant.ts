import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { createPolicy, type PolicyOptions } from '../resilience/policy';
import type { Logger } from '../telemetry/logger';
import type { PointMark, SearchIndex } from './index';
import { createQdrantClient, type QdrantSecrets, type Question } from './qdrant-client';
import { isStatus, judgeFailure, QdrantFailure, toIndexError } from './qdrant-failure';
import { ofPerson, olderThan, ownPoints, toFilter } from './qdrant-filter';
import {
  fromStored,
  markedPoint,
  markFields,
  ownedPoint,
  ownerFields,
  pointIdOf,
  scoredPoint,
  storedPoint,
  toContent,
  toStored,
} from './qdrant-point';
import { isMany, rankReplies, toSearches } from './qdrant-query';
import { updated } from './qdrant-schema';
import { createSetUp } from './qdrant-set-up';

export interface QdrantOptions extends Partial<QdrantSecrets> {
  url: string;
  collection: string;
  logger: Logger;
  now?: () => Date;
  policy?: Partial<PolicyOptions>;
}

export type QdrantIndex = SearchIndex & Required<Pick<SearchIndex, 'circuit'>>;

/** Makes a call and reads its result. Rejects with `QdrantFailure`. */
export type AskQdrant = <T>(result: z.ZodType<T>, question: Question, signal: AbortSignal) => Promise<T>;

/** Points that one request carries: about 2 MB of JSON. */
const pointsPerRequest = 256;
/** Points that one page of a list has. */
const pointsPerPage = 1000;
/** Memory types that are counted, and people that are listed; Qdrant's own limit is 10, and it has no second page of them. */
const mostTypes = 1000;
const mostPeople = 1_000_000;

const mostKnown = 10_000;

const existing = z.object({ exists: z.boolean() });
const retrieved = z.array(storedPoint);
const queried = z.object({ points: z.array(storedPoint) });
const searched = z.tuple([queried], z.object({ points: z.array(scoredPoint) }));
const marked = z.object({ points: z.array(markedPoint), next_page_offset: z.string().nullish() });
const owned = z.object({ points: z.array(ownedPoint) });
const counted = z.object({ hits: z.array(z.object({ value: z.string(), count: z.number() })) });

/**
 * The search index on a Qdrant server, one collection for all persons. The collection is made, or looked at, before the first
 * call. Rejects with `IndexError`: `timeout`, `unavailable`, or `refused` where Qdrant does not accept the key or the request,
 * or where a collection of this name does not fit; a log line then says which part of it.
 */
export function createQdrantIndex({
  url,
  settings = {},
  secrets,
  collection,
  logger,
  now = () => new Date(),
  policy: tuning,
}: QdrantOptions): QdrantIndex {
  const collection_name = collection;
  const send = createQdrantClient(url, { settings, secrets });
  /** People of whom a search of everything did not give everything: they are searched by candidates from then on. */
  const haveMany = new LRUCache<string, true>({ max: mostKnown });

  const ask: AskQdrant = async (result, question, signal) => {
    try {
      const { data } = await send(question, signal);
      return result.parse((data as { result?: unknown }).result);
    } catch (cause) {
      throw new QdrantFailure(cause);
    }
  };

  const prepare = createSetUp(ask, collection, logger);

  const policy = createPolicy({
    ...{ vendor: 'qdrant', attemptMs: 10_000, maxRetries: 2, firstPauseMs: 50, judge: judgeFailure },
    probe: (signal) => ask(existing, (api, init) => api.collectionExists({ collection_name }, init), signal),
    onCircuit: (circuit) => logger.warn('qdrant circuit', { circuit }),
    ...tuning,
  });

  const call = async <T>(result: z.ZodType<T>, question: Question, signal: AbortSignal): Promise<T> => {
    const attempt = async (attemptSignal: AbortSignal) => {
      await prepare.once(attemptSignal);
      return ask(result, question, attemptSignal).catch((error) => {
        if (isStatus(error, 404)) prepare.again();
        throw error;
      });
    };
    try {
      return await policy.run(attempt, { signal, repeatable: true });
    } catch (error) {
      throw toIndexError(error, signal);
    }
  };

  const removeAll = async (filter: object, signal: AbortSignal): Promise<void> => {
    await call(updated, (api, init) => api.deletePoints({ collection_name, wait: true, filter }, init), signal);
  };

  const countBy = async (key: string, limit: number, signal: AbortSignal): Promise<Record<string, number>> => {
    const facet = { key, limit, exact: true };
    const { hits } = await call(counted, (api, init) => api.facet({ collection_name, ...facet }, init), signal);
    // An exact count has values that no point has any more, too.
    return Object.fromEntries(hits.filter(({ count }) => count > 0).map(({ value, count }) => [value, count]));
  };

  const search: SearchIndex['search'] = async (query, signal) => {
    const { userId } = query;
    const hasMany = haveMany.has(userId);
    const searches = toSearches(query, hasMany);
    const [found, ...others] = await call(
      searched,
      (api, init) => api.queryBatchPoints({ collection_name, searches }, init),
      signal,
    );
    if (!hasMany && isMany(found.points)) {
      haveMany.set(userId, true);
      return search(query, signal);
    }
    return rankReplies(
      query,
      found.points,
      others.map(({ points }) => points),
    );
  };

  return {
    name: 'qdrant',
    circuit: policy.circuit,

    async upsert(userId, points, signal) {
      const latest = [...new Map(points.map((point) => [point.memory.id, point])).values()];
      for (let i = 0; i < latest.length; i += pointsPerRequest) {
        const stored = latest.slice(i, i + pointsPerRequest).map((point) => toStored(userId, point));
        await call(
          updated,
          (api, init) => api.upsertPoints({ collection_name, wait: true, points: stored }, init),
          signal,
        );
      }
    },

    async remove(userId, ids, signal) {
      if (ids.length === 0) return;
      await removeAll(ownPoints(userId, ids.map(pointIdOf)), signal);
    },

    erase: (userId, signal) => removeAll(ofPerson(userId), signal),

    search,

    async find(id, signal) {
      // Qdrant's document says that the payload comes by default; the server, 1.18, leaves it out.
      const asked = { ids: [pointIdOf(id)], with_payload: true };
      const [point] = await call(retrieved, (api, init) => api.getPoints({ collection_name, ...asked }, init), signal);
      return point ? fromStored(point) : null;
    },

    async nearest(userId, embedding, scope, signal) {
      const query = toContent(embedding.sentence);
      const search = { query, using: 'content', filter: toFilter(userId, scope, now()), limit: 1, with_payload: true };
      const {
        points: [point],
      } = await call(queried, (api, init) => api.queryPoints({ collection_name, ...search }, init), signal);
      return point ? { memory: fromStored(point), cosine: point.score } : null;
    },

    async marks(userId, ids, signal) {
      if (ids.length === 0) return new Map();
      const marks = new Map<string, PointMark>();
      const filter = ids === 'all' ? ofPerson(userId) : ownPoints(userId, ids.map(pointIdOf));
      for (let offset: string | null | undefined; offset !== null; ) {
        const page = { filter, limit: pointsPerPage, with_payload: markFields, with_vector: false, offset };
        const { points, next_page_offset = null } = await call(
          marked,
          (api, init) => api.scrollPoints({ collection_name, ...page }, init),
          signal,
        );
        for (const { id, payload } of points)
          marks.set(payload.memory_id ?? id, { hash: payload.hash, provisional: payload.provisional });
        offset = next_page_offset;
      }
      return marks;
    },

    async people(signal) {
      return Object.keys(await countBy('user_id', mostPeople, signal));
    },

    async olderThan(type, before, limit, signal) {
      const page = { filter: olderThan(type, before), limit, with_payload: ownerFields, with_vector: false };
      const order_by = { key: 'created_at', direction: 'asc' } as const;
      const { points } = await call(
        owned,
        (api, init) => api.scrollPoints({ collection_name, ...page, order_by }, init),
        signal,
      );
      return points.map(({ id, payload }) => ({ id: payload.memory_id ?? id, userId: payload.user_id }));
    },

    countByType: (signal) => countBy('type', mostTypes, signal),
  };
}
