import { createHash } from 'node:crypto';
import type { Metadata } from '../memory/memory';
import { inOrder } from './content-hash';
import type { SearchFilter } from './index';

/** Longest metadata pair that is kept as it is; of a longer one, only the hash. */
const longestPair = 200;

/** One person's memories that pass `filter` and have not expired at `now`, as Qdrant's filter. It stands in every sub-query. */
export function toFilter(userId: string, filter: SearchFilter, now: Date) {
  const { types, topics, tags = [], metadata = {}, sessionId, speaker, supersededBy, since, until } = filter;
  return {
    must: [
      is('user_id', userId),
      ...(types ? [isAny('type', types)] : []),
      ...(topics ? [isAny('topic', topics)] : []),
      ...tags.map((tag) => is('tags', tag)),
      ...toPairs(metadata).map((pair) => is('metadata_pairs', pair)),
      ...(sessionId === undefined ? [] : [is('session_id', sessionId)]),
      ...isOrEmpty('speaker', speaker),
      ...isOrEmpty('superseded_by', supersededBy),
      ...((since ?? until)
        ? [{ key: 'created_at', range: { gte: since?.toISOString(), lte: until?.toISOString() } }]
        : []),
    ],
    must_not: [{ key: 'expires_at', range: { lte: now.toISOString() } }],
  };
}

export const ofPerson = (userId: string) => ({ must: [is('user_id', userId)] });

/** Of everybody, those of a type that were said before a time. */
export const olderThan = (type: string, before: Date) => ({
  must: [is('type', type), { key: 'created_at', range: { lt: before.toISOString() } }],
});

/** Those of `pointIds` that are this person's. */
export const ownPoints = (userId: string, pointIds: string[]) => ({
  must: [is('user_id', userId), { has_id: pointIds }],
});

/**
 * Metadata as one indexed field: its keys are the callers' own, and no index can be made for each. A pair is the JSON of key and
 * value with all keys in order, so that equal values make equal pairs.
 */
export function toPairs(metadata: Metadata): string[] {
  return Object.entries(metadata).map((entry) => {
    const pair = JSON.stringify(entry, inOrder);
    return pair.length > longestPair ? createHash('sha256').update(pair).digest('hex') : pair;
  });
}

const is = (key: string, value: string) => ({ key, match: { value } });
/** null: points without the field. */
const isOrEmpty = (key: string, value: string | null | undefined) =>
  value === undefined ? [] : [value === null ? { is_empty: { key } } : is(key, value)];
const isAny = (key: string, any: string[]) => ({ key, match: { any } });
