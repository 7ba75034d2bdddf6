import { randomUUID } from 'node:crypto';
import type { OutboxWrite } from '../database/schema';
import { type Deadline, raceSignal } from '../resilience/deadline';
import type { SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { type DurableWrite, unavailable } from './durable-write';
import type { Memory } from './memory';
import type { MemoryService, WriteResult } from './memory-contract';
import type { MemoryProvider } from './provider';
import { withChange } from './shown';
import type { Tombstones } from './tombstones';

export interface ChangingDependencies {
  provider: MemoryProvider;
  index: SearchIndex;
  write: DurableWrite;
  points: PointBuilder;
  tombstones: Tombstones;
  now: () => Date;
}

/** How long the provider may take to look a memory up; then the index is asked. */
const providerMs = 2_000;

/** Updates and deletes; see `MemoryService`. Where the provider is down they queue, and the index shows them at once. */
export function createChanging({
  provider,
  index,
  write,
  points,
  tombstones,
  now,
}: ChangingDependencies): Pick<MemoryService, 'update' | 'delete'> {
  /** The memory of an id, from whoever knows it: the index alone, where its add still waits. Throws ProblemError 503 when nobody can be asked. */
  const locate = async (id: string, deadline: Deadline): Promise<Memory | null> => {
    const { signal } = deadline;
    const { signal: asking } = deadline.within(providerMs);
    try {
      const memory = await raceSignal(provider.get(id, asking), asking);
      return memory ?? (await raceSignal(index.find(id, signal), signal));
    } catch {
      return raceSignal(index.find(id, signal), signal).catch(() => {
        throw unavailable('The memory cannot be looked up just now, so nothing was changed.');
      });
    }
  };

  /** `changed`: what the index shows until the provider has taken the write; null: that the memory is gone. */
  const change = async (
    { id, userId }: Memory,
    deadline: Deadline,
    entry: OutboxWrite,
    changed: Memory | null,
  ): Promise<WriteResult> => {
    const outcome = await write({ userId, operationId: randomUUID(), write: entry }, deadline, async (signal) => {
      if (changed) return index.upsert(userId, [await points.toPoint(changed, true)], signal);
      await tombstones.set(userId, [id]);
      await index.remove(userId, [id], signal);
    });
    if (outcome.status === 'stored') return { status: 'stored', memory: outcome.memories[0] ?? null };
    if (outcome.status === 'missing') return { status: 'missing', memory: null };
    return { status: 'queued', memory: changed };
  };

  return {
    update: async (id, fields, deadline) => {
      const memory = await locate(id, deadline);
      if (!memory) return { status: 'missing', memory: null };
      const changed = { ...withChange(memory, fields), updatedAt: now() };
      return change(memory, deadline, { kind: 'update', memoryId: id, change: fields, changed }, changed);
    },
    delete: async (id, deadline) => {
      const memory = await locate(id, deadline);
      if (!memory) return { status: 'missing', memory: null };
      return change(memory, deadline, { kind: 'delete', memoryId: id }, null);
    },
  };
}
