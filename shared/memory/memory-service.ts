import { type Deadline, raceSignal } from '../resilience/deadline';
import type { Freshness } from '../sync/freshness';
import { type AddingDependencies, createAdding } from './adding';
import { type ChangingDependencies, createChanging } from './changing';
import { CursorError } from './cursor';
import { toCursorProblem } from './cursor-problem';
import type { MemoryService, Read } from './memory-contract';
import { readBudget, reasonOf, toMemoryState } from './memory-state';
import type { Dated } from './reader';
import { createRecall, type RecallDependencies } from './recall';

export type MemoryServiceDependencies = AddingDependencies &
  ChangingDependencies &
  RecallDependencies & { freshness: Pick<Freshness, 'lagSeconds'> };

/** What doors and chat see of memory; see `MemoryService` for what each method gives back on failure. */
export function createMemoryService(dependencies: MemoryServiceDependencies): MemoryService {
  const { reader, providerCache, statistics, freshness, now } = dependencies;
  const recall = createRecall(dependencies);

  const withLag = async <T extends Read<unknown>>(reading: Promise<T>): Promise<T> => {
    const [read, syncLagSeconds] = await Promise.all([reading, freshness.lagSeconds()]);
    return { ...read, memory: { ...read.memory, syncLagSeconds } };
  };

  /** A vendor's failure becomes null and a reason; anything else is a bug and stays an error. */
  const readNow = async <T>(call: (signal: AbortSignal) => Promise<Dated<T>>, deadline: Deadline): Promise<Read<T>> => {
    const { signal } = readBudget(deadline);
    try {
      const { value, asOf, reason } = await raceSignal(call(signal), signal);
      return { value, memory: toMemoryState('provider', reason, asOf) };
    } catch (error) {
      if (error instanceof CursorError) throw toCursorProblem(error);
      statistics.count('provider.failure');
      return { value: null, memory: toMemoryState('none', reasonOf(error, 'provider'), now()) };
    }
  };

  const read = <T>(call: (signal: AbortSignal) => Promise<Dated<T>>, deadline: Deadline): Promise<Read<T>> =>
    withLag(readNow(call, deadline));

  return {
    add: createAdding(dependencies),
    recall: (request, deadline) => withLag(recall(request, deadline)),
    ...createChanging(dependencies),
    list: (userId, page, deadline) => read((signal) => providerCache.list(userId, page, signal), deadline),
    get: (id, deadline) => read((signal) => reader.get(id, signal), deadline),
    history: (id, deadline) => read((signal) => reader.history(id, signal), deadline),
    users: (page, deadline) => read((signal) => reader.users(page, signal), deadline),
  };
}
