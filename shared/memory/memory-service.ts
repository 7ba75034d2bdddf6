import { type Deadline, raceSignal } from '../resilience/deadline';
import type { Freshness } from '../sync/freshness';
import { type AddingDependencies, createAdding } from './adding';
import { type ChangingDependencies, createChanging } from './changing';
import { CursorError } from './cursor';
import { toCursorProblem } from './cursor-problem';
import type { MemoryService, Read } from './memory-contract';
import { readBudget, reasonOf, toMemoryState } from './memory-state';
import type { Dated } from './provider-cache';
import { createRecall, type RecallDependencies } from './recall';

export type MemoryServiceDependencies = AddingDependencies &
  ChangingDependencies &
  RecallDependencies & { freshness: Pick<Freshness, 'lagSeconds'> };

/** What doors and chat see of memory; see `MemoryService` for what each method gives back on failure. */
export function createMemoryService(dependencies: MemoryServiceDependencies): MemoryService {
  const { provider, providerCache, statistics, freshness, now } = dependencies;
  const recall = createRecall(dependencies);

  const withLag = async <T extends Read<unknown>>(reading: Promise<T>): Promise<T> => {
    const [read, syncLagSeconds] = await Promise.all([reading, freshness.lagSeconds()]);
    return { ...read, memory: { ...read.memory, syncLagSeconds } };
  };

  /** A vendor's failure becomes null and a reason; anything else is a bug and stays an error. */
  const readNow = async <T>(call: (signal: AbortSignal) => Promise<Dated<T>>, deadline: Deadline): Promise<Read<T>> => {
    const { signal } = readBudget(deadline);
    try {
      const { value, asOf } = await raceSignal(call(signal), signal);
      return { value, memory: toMemoryState('provider', null, asOf) };
    } catch (error) {
      if (error instanceof CursorError) throw toCursorProblem(error);
      statistics.count('provider.failure');
      return { value: null, memory: toMemoryState('none', reasonOf(error, 'provider'), now()) };
    }
  };

  const read = <T>(call: (signal: AbortSignal) => Promise<Dated<T>>, deadline: Deadline): Promise<Read<T>> =>
    withLag(readNow(call, deadline));

  const ask = async <T>(call: Promise<T>): Promise<Dated<T>> => {
    const value = await call;
    statistics.count('provider.success');
    return { value, asOf: now() };
  };

  return {
    add: createAdding(dependencies),
    recall: (request, deadline) => withLag(recall(request, deadline)),
    ...createChanging(dependencies),
    list: (userId, page, deadline) => read((signal) => providerCache.list(userId, page, signal), deadline),
    get: (id, deadline) => read((signal) => ask(provider.get(id, signal).then((found) => ({ found }))), deadline),
    history: (id, deadline) => read((signal) => ask(provider.history(id, signal)), deadline),
    users: (page, deadline) => read((signal) => ask(provider.users(page, signal)), deadline),
  };
}
