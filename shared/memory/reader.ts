import { raceSignal } from '../resilience/deadline';
import type { Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { CursorError } from './cursor';
import type { Memory, MemoryEvent, Page, PageRequest, PersonSummary } from './memory';
import { reasonOf } from './memory-state';
import { type ListFilter, type MemoryProvider, ProviderError } from './provider';
import type { Shadow } from './shadow';

/** Something read, and when. `reason`: why a second provider said it in the place of the first, which may know more. */
export interface Dated<T> {
  value: T;
  asOf: Date;
  reason: string | null;
}

/** What doors read of the memory provider, and of a second one while that fails. Methods reject with `ProviderError`, or a signal's reason. */
export interface Reader {
  /** Whether reads leave this process. */
  readonly isRemote: boolean;
  get(id: string, signal: AbortSignal): Promise<Dated<{ found: Memory | null }>>;
  list(userId: string, page: PageRequest & ListFilter, signal: AbortSignal): Promise<Dated<Page<Memory>>>;
  search(userId: string, query: string, limit: number, signal: AbortSignal): Promise<Dated<Memory[]>>;
  history(id: string, signal: AbortSignal): Promise<Dated<MemoryEvent[]>>;
  users(page: PageRequest, signal: AbortSignal): Promise<Dated<Page<PersonSummary>>>;
}

export interface ReaderDependencies {
  provider: MemoryProvider;
  fallback: MemoryProvider | null;
  /** Told of searches and lists. */
  shadow?: Pick<Shadow, 'compare'> | null;
  statistics: Pick<Statistics, 'count'>;
  logger: Logger;
  now: () => Date;
  /** How long the first one is waited for, where there is a second. */
  patienceMs?: number;
}

/** Sync reads the provider itself: what a second one lacks is not gone. */
export function createReader(dependencies: ReaderDependencies): Reader {
  const { provider: first, fallback: second, shadow, statistics, logger, now, patienceMs = 1_500 } = dependencies;

  const ask = async <T>(call: (from: MemoryProvider) => Promise<T>, from: MemoryProvider, reason: string | null) => {
    const asOf = now();
    const value = await call(from);
    statistics.count(reason === null ? 'provider.success' : 'fallback.second');
    return { value, asOf, reason };
  };

  const read = async <T>(
    signal: AbortSignal,
    call: (from: MemoryProvider, signal: AbortSignal) => Promise<T>,
  ): Promise<Dated<T>> => {
    if (!second) return ask((from) => call(from, signal), first, null);
    const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    try {
      return await raceSignal(
        ask((from) => call(from, patience), first, null),
        patience,
      );
    } catch (error) {
      const isImpatient = patience.aborted && !signal.aborted;
      if (!(error instanceof ProviderError) && !isImpatient) throw error;
      const reason = reasonOf(error, 'provider');
      logger.debug('second provider asked', { provider: second.name, reason });
      return ask((from) => call(from, signal), second, reason).catch((other) => {
        // A page of the first one's list is none of the second's.
        throw other instanceof CursorError || other instanceof ProviderError ? toFailure(error) : other;
      });
    }
  };

  const toFailure = (error: unknown) =>
    error instanceof ProviderError
      ? error
      : new ProviderError(first.name, 'timeout', { retryable: true, outcomeUnknown: false, cause: error });

  return {
    isRemote: first.circuit !== undefined,
    get: (id, signal) => read(signal, async (from, within) => ({ found: await from.get(id, within) })),
    list: async (userId, page, signal) => {
      const started = performance.now();
      const listed = await read(signal, (from, within) => from.list(userId, page, within));
      // Later pages begin where the first one's list says.
      if (page.cursor === null && listed.reason === null)
        shadow?.compare('list', listed.value.items, performance.now() - started, async (other, within) => {
          return (await other.list(userId, page, within)).items;
        });
      return listed;
    },
    search: async (userId, query, limit, signal) => {
      const started = performance.now();
      const found = await read(signal, (from, within) => from.search(userId, query, limit, within));
      if (found.reason === null)
        shadow?.compare('search', found.value, performance.now() - started, (other, within) =>
          other.search(userId, query, limit, within),
        );
      return found;
    },
    history: (id, signal) => read(signal, (from, within) => from.history(id, within)),
    users: (page, signal) => read(signal, (from, within) => from.users(page, within)),
  };
}
