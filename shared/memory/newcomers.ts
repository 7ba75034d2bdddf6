import { addInRuns } from './adding-in-runs';
import type { Homes } from './homes';
import type { Page, PageRequest } from './memory';
import { type MemoryProvider, type NewMemory, ProviderError } from './provider';

/** What a cursor begins with once the first one's list is through. */
const ofTarget = 'then.';

/**
 * Two providers as one, for a move between them: `target` keeps the people that `first` has nothing of when they are first written for,
 * `first` keeps everybody else. Who is where is settled once, by asking the first, and holds from then on. A memory is looked for by its id
 * at the first, then at the target. Lists of people need both; all else of a person needs theirs alone.
 * `wasSeen`: whether sync has come upon memories of theirs.
 */
export function createNewcomers(
  first: MemoryProvider,
  target: MemoryProvider,
  homes: Homes,
  wasSeen: (userId: string) => Promise<boolean>,
): MemoryProvider {
  /** What the database says, as a provider's failure where it does not answer. */
  const settled = async <T>(asking: Promise<T>): Promise<T> => {
    try {
      return await asking;
    } catch (cause) {
      throw new ProviderError(first.name, 'unavailable', { retryable: true, outcomeUnknown: false, cause });
    }
  };
  const named = (name: string | null | undefined) => (name === target.name ? target : first);

  const homeOf = async (userId: string) => named((await settled(homes.of([userId]))).get(userId));

  /** Where these people are to be written for. */
  const settle = async (userIds: string[], signal: AbortSignal): Promise<Map<string, MemoryProvider>> => {
    const known = await settled(homes.of(userIds));
    const settling = userIds.map(async (userId) => {
      if (known.has(userId)) return [userId, named(known.get(userId))] as const;
      const { items } = await first.list(userId, { limit: 1, cursor: null, includeHidden: true }, signal);
      // A vendor whose lists come back empty is not believed about those whom sync has seen there.
      const isNew = items.length === 0 && !(await settled(wasSeen(userId)));
      return [userId, named(await settled(homes.settle(userId, isNew ? target.name : null)))] as const;
    });
    return new Map(await Promise.all(settling));
  };

  const add: MemoryProvider['add'] = async (memory, signal) => {
    const home = (await settle([memory.userId], signal)).get(memory.userId) ?? first;
    return home.add(memory, signal);
  };

  /** Of a memory: what the first has of it, or else the target. Only where neither has it does the first one's failure matter. */
  const either = async <T>(
    isNothing: (found: T) => boolean,
    call: (from: MemoryProvider) => Promise<T>,
  ): Promise<T> => {
    let failure: unknown = null;
    try {
      const found = await call(first);
      if (!isNothing(found)) return found;
    } catch (error) {
      failure = error;
    }
    const other = await call(target);
    if (failure !== null && isNothing(other)) throw failure;
    return other;
  };
  const isNull = (found: unknown) => found === null;

  /** People of both, those of the first before those of the target, each where they are at home: what the other has of them is a copy. */
  const people = async <T extends { userId: string }>(
    page: PageRequest,
    call: (from: MemoryProvider, page: PageRequest) => Promise<Page<T>>,
  ): Promise<Page<T>> => {
    const isFirst = !page.cursor?.startsWith(ofTarget);
    const [from, cursor] = isFirst ? [first, page.cursor] : [target, page.cursor?.slice(ofTarget.length) || null];
    const { items, nextCursor } = await call(from, { ...page, cursor });
    const known = await settled(homes.of(items.map(({ userId }) => userId)));
    const next = isFirst ? (nextCursor ?? ofTarget) : nextCursor && ofTarget + nextCursor;
    return { items: items.filter(({ userId }) => named(known.get(userId)) === from), nextCursor: next };
  };

  const [toFirst, toTarget] = [first.addAll, target.addAll];
  const addAll =
    toFirst &&
    toTarget &&
    (async (memories: NewMemory[], signal: AbortSignal) => {
      const owners = await settle([...new Set(memories.map(({ userId }) => userId))], signal);
      const isNew = ({ userId }: NewMemory) => owners.get(userId) === target;
      return addInRuns(
        memories,
        (one, other) => isNew(one) === isNew(other),
        (run) => (isNew(run[0]) ? toTarget : toFirst)(run, signal),
      );
    });

  return {
    name: first.name,
    add,
    ...(addAll && { addAll }),
    find: async (userId, operationId, attempt, signal) =>
      (await homeOf(userId)).find(userId, operationId, attempt, signal),
    get: (id, signal) => either(isNull, (from) => from.get(id, signal)),
    update: (id, change, signal) => either(isNull, (from) => from.update(id, change, signal)),
    delete: (id, signal) =>
      either(
        (existed) => !existed,
        (from) => from.delete(id, signal),
      ),
    forget: async (id, signal) => {
      await first.forget?.(id, signal);
      await target.forget?.(id, signal);
    },
    list: async (userId, page, signal) => (await homeOf(userId)).list(userId, page, signal),
    search: async (userId, query, limit, signal) => (await homeOf(userId)).search(userId, query, limit, signal),
    history: (id, signal) =>
      either(
        (events) => events.length === 0,
        (from) => from.history(id, signal),
      ),
    users: (page, signal) => people(page, (from, own) => from.users(own, signal)),
    changedPeople: (since, page, signal) => people(page, (from, own) => from.changedPeople(since, own, signal)),
    homeOf: async (userId) => (await homeOf(userId).catch(() => first)).name,
    circuit: () => {
      const circuits = [first.circuit?.(), target.circuit?.()];
      return (['open', 'half-open'] as const).find((state) => circuits.includes(state)) ?? 'closed';
    },
  };
}
