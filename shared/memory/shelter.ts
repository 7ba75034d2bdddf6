import { describeError, type Logger } from '../telemetry/logger';
import type { Aliases } from './aliases';
import type { Memory } from './memory';
import type { TakenWrite } from './outbox-contract';
import { type MemoryProvider, ProviderError } from './provider';

/** One call's time: somebody waits for it. */
const callMs = 5_000;

/** Where writes are kept while the memory provider fails: a second provider. */
export interface Shelter {
  readonly name: MemoryProvider['name'];
  /**
   * Keeps a write; gives the memories that it made or changed there, [] for a deletion. null where the second provider fails, too, or has
   * nothing that the write is about.
   */
  take(taken: TakenWrite): Promise<Memory[] | null>;
  /**
   * The provider has `memories` now: the ids that the second one gave go on to name them, and there they are deleted. Rejects where that
   * cannot be done; then it is done again.
   */
  leave(userId: string, sheltered: string[], memories: Memory[]): Promise<void>;
}

export interface ShelterDependencies {
  first: MemoryProvider['name'];
  second: MemoryProvider;
  aliases: Aliases;
  logger: Logger;
}

export function createShelter({ first, second, aliases, logger }: ShelterDependencies): Shelter {
  const within = () => AbortSignal.timeout(callMs);

  /** Word for word: the facts in it are the first one's to find. Mem0 stores a thing twice that is sent twice. */
  const add = async ({ write, attempt }: TakenWrite): Promise<Memory[] | null> => {
    if (write.kind !== 'add') return null;
    const { userId, operationId } = write.memory;
    const over = { ...attempt, arrivesUntil: attempt.sentAt };
    const earlier = second.name === 'mem0' ? await second.find(userId, operationId, over, within()) : null;
    const receipt = earlier ?? (await second.add({ ...write.memory, infer: false }, within()));
    return receipt.status === 'stored' ? receipt.memories : null;
  };

  const keep = async (taken: TakenWrite): Promise<Memory[] | null> => {
    const { write } = taken;
    switch (write.kind) {
      case 'add':
        return add(taken);
      case 'update': {
        const memory = await second.update(write.memoryId, write.change, within());
        return memory && [memory];
      }
      case 'delete':
        return (await second.delete(write.memoryId, within())) ? [] : null;
    }
  };

  return {
    name: second.name,
    take: async (taken) => {
      try {
        return await keep(taken);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        logger.warn('second provider failed', { provider: second.name, kind: taken.write.kind, code: error.code });
        return null;
      }
    },
    leave: async (userId, sheltered, memories) => {
      const last = memories.at(-1);
      const pairs = last ? sheltered.map((alias, i) => ({ alias, memoryId: (memories[i] ?? last).id })) : [];
      await aliases.keep(first, userId, pairs);
      for (const id of sheltered) {
        await second.delete(id, within());
        await second.forget?.(id, within());
      }
    },
  };
}

/** The provider, whose memories are found by the ids, too, that a second one gave them while it failed. */
export function createFollowing(provider: MemoryProvider, aliases: Aliases, logger: Logger): MemoryProvider {
  const aliasOf = (id: string) =>
    aliases.of(provider.name, id).catch((error) => {
      logger.warn('alias not looked up', describeError(error));
      return null;
    });
  /** `call` with the id, and where there is nothing of it, with the one that it stands for. */
  const follow = async <T>(
    id: string,
    isNothing: (found: T) => boolean,
    call: (id: string) => Promise<T>,
  ): Promise<T> => {
    const found = await call(id);
    const memoryId = isNothing(found) ? await aliasOf(id) : null;
    return memoryId === null ? found : call(memoryId);
  };
  const isNull = (found: unknown) => found === null;
  return {
    ...provider,
    get: (id, signal) => follow(id, isNull, (known) => provider.get(known, signal)),
    update: (id, change, signal) => follow(id, isNull, (known) => provider.update(known, change, signal)),
    delete: (id, signal) =>
      follow(
        id,
        (existed) => !existed,
        (known) => provider.delete(known, signal),
      ),
    history: (id, signal) =>
      follow(
        id,
        (events) => events.length === 0,
        (known) => provider.history(known, signal),
      ),
  };
}
