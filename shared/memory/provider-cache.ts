import { LRUCache } from 'lru-cache';
import type { Statistics } from '../telemetry/statistics';
import type { Memory, Page, PageRequest } from './memory';
import type { ListFilter } from './provider';
import type { Dated, Reader } from './reader';

const ttlMs = 300_000;
/** Memories held over all people: about 20 MB of short ones. What was asked for least recently goes first. */
const maxMemories = 20_000;
const maxPeople = 10_000;

/**
 * The provider's searches and lists, up to 300 s old by `asOf`. Rejects with `ProviderError`, and holds no failures, nor what a second provider said. What another
 * process or somebody else writes at the provider is seen once that time is over, or `drop` is called.
 */
export interface ProviderCache {
  search(userId: string, query: string, limit: number, signal: AbortSignal): Promise<Dated<Memory[]>>;
  list(userId: string, page: PageRequest & ListFilter, signal: AbortSignal): Promise<Dated<Page<Memory>>>;
  /** Forgets what was read of a person, and what is just being read: a write of theirs has arrived, or may have. */
  drop(userId: string): void;
}

export interface ProviderCacheDependencies {
  reader: Reader;
  statistics: Pick<Statistics, 'count'>;
  now: () => Date;
}

/** Holds reads that leave this process; a provider in our own database is asked each time. */
export function createProviderCache({ reader, statistics, now }: ProviderCacheDependencies): ProviderCache {
  const { isRemote } = reader;
  const reads = new LRUCache<string, Dated<Memory[] | Page<Memory>>>({
    maxSize: maxMemories,
    sizeCalculation: ({ value }) => 1 + (Array.isArray(value) ? value : value.items).length,
  });
  // Keys begin with the person's epoch: a new one puts everything read before out of reach.
  const epochs = new LRUCache<string, number>({ max: maxPeople });
  let latest = 0;
  const epochOf = (userId: string): number => {
    const epoch = epochs.get(userId) ?? ++latest;
    epochs.set(userId, epoch);
    return epoch;
  };

  const through = async <T extends Memory[] | Page<Memory>>(
    userId: string,
    question: unknown[],
    call: () => Promise<Dated<T>>,
  ): Promise<Dated<T>> => {
    if (!isRemote) return call();
    const key = JSON.stringify([epochOf(userId), ...question]);
    const held = reads.get(key) as Dated<T> | undefined;
    const isFresh = held !== undefined && now().getTime() - held.asOf.getTime() < ttlMs;
    statistics.count(isFresh ? 'provider_cache.hit' : 'provider_cache.miss');
    if (isFresh) return held;
    const read = await call();
    // What a second provider says holds for as long as the first one fails.
    if (read.reason === null) reads.set(key, read);
    return read;
  };

  return {
    search: (userId, query, limit, signal) =>
      through(userId, ['search', query, limit], () => reader.search(userId, query, limit, signal)),
    list: (userId, page, signal) => through(userId, ['list', page], () => reader.list(userId, page, signal)),
    drop: (userId) => epochs.delete(userId),
  };
}
