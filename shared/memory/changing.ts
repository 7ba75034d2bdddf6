import { randomUUID } from 'node:crypto';
import type { OutboxWrite } from '../database/schema';
import { EmbeddingError } from '../embedding/embedder';
import type { Redaction } from '../redaction/redaction';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { IndexError, type SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { type DurableWrite, unavailable } from './durable-write';
import type { Memory } from './memory';
import type { MemoryService, WriteResult } from './memory-contract';
import type { MemoryChange } from './provider';
import type { Reader } from './reader';
import { withChange } from './shown';
import type { Tombstones } from './tombstones';

export interface ChangingDependencies {
  reader: Reader;
  index: SearchIndex;
  write: DurableWrite;
  points: PointBuilder;
  tombstones: Tombstones;
  redaction: Redaction;
  now: () => Date;
}

/** How long looking for what a deleted memory superseded may take. */
const indexMs = 1_000;
/** Memories that one newer one contradicts; a person says the same thing anew a few times at most. */
const mostSuperseded = 100;

/** How long the provider may take to look a memory up; then the index is asked. */
const providerMs = 2_000;

/** Updates and deletes; see `MemoryService`. Where the provider is down they queue, and the index shows them at once. */
export function createChanging({
  reader,
  index,
  write,
  points,
  tombstones,
  redaction,
  now,
}: ChangingDependencies): Pick<MemoryService, 'update' | 'delete'> {
  /** The memory of an id, from whoever knows it: the index alone, where its add still waits. Throws ProblemError 503 when nobody can be asked. */
  const locate = async (id: string, deadline: Deadline): Promise<Memory | null> => {
    const { signal } = deadline;
    const { signal: asking } = deadline.within(providerMs);
    try {
      const { value } = await raceSignal(reader.get(id, asking), asking);
      return value.found ?? (await raceSignal(index.find(id, signal), signal));
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
    waitMs?: number,
  ): Promise<WriteResult> => {
    const operation = { userId, operationId: randomUUID(), write: entry, waitMs };
    const outcome = await write(operation, deadline, async (signal) => {
      if (changed) return index.upsert(userId, [await points.toPoint(changed, true)], signal);
      await tombstones.set(userId, [id], 'us');
      await index.remove(userId, [id], signal);
    });
    if (outcome.status === 'stored') return { status: 'stored', memory: outcome.memories[0] ?? null };
    if (outcome.status === 'missing') return { status: 'missing', memory: null };
    return { status: 'queued', memory: changed };
  };

  /** The memories that `memory` supersedes; [] where the index cannot be asked. */
  const supersededBy = async ({ id, userId, text }: Memory, deadline: Deadline): Promise<Memory[]> => {
    const { signal } = deadline.within(indexMs);
    try {
      const query = { userId, text, filter: { supersededBy: id }, limit: mostSuperseded, now: now() };
      const found = await raceSignal(
        points.toQuery(query).then((made) => index.search(made, signal)),
        signal,
      );
      return found.map(({ memory }) => memory);
    } catch (error) {
      if (error instanceof IndexError || error instanceof EmbeddingError || signal.aborted) return [];
      throw error;
    }
  };

  const update = (memory: Memory, fields: MemoryChange, deadline: Deadline, waitMs?: number): Promise<WriteResult> => {
    const changed = { ...withChange(memory, fields), updatedAt: now() };
    return change(memory, deadline, { kind: 'update', memoryId: memory.id, change: fields, changed }, changed, waitMs);
  };

  return {
    update: async (id, fields, deadline) => {
      const memory = await locate(id, deadline);
      if (!memory) return { status: 'missing', memory: null };
      const masking = redaction();
      const masked = {
        ...fields,
        ...(fields.text !== undefined && { text: masking.text(fields.text) }),
        ...(fields.metadata && { metadata: masking.deep(fields.metadata) }),
      };
      return { ...(await update(memory, masked, deadline)), ...masking.report() };
    },
    delete: async (id, deadline) => {
      const memory = await locate(id, deadline);
      if (!memory) return { status: 'missing', memory: null };
      const older = await supersededBy(memory, deadline);
      const deleted = await change(memory, deadline, { kind: 'delete', memoryId: id }, null);
      // What it contradicted holds again, unless something newer contradicts both.
      const fields = { supersededBy: memory.supersededBy };
      await Promise.allSettled(older.map((each) => update(each, fields, deadline, 0)));
      return deleted;
    },
  };
}
