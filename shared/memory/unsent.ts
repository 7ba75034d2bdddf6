import type { OutboxWrite } from '../database/schema';
import { EmbeddingError } from '../embedding/embedder';
import type { Terms } from '../embedding/terms';
import { createDotKernel } from '../search/dot-kernel';
import { createWordPointBuilder, type PointBuilder } from '../search/points';
import { rankPoints } from '../search/rank-points';
import type { RankedMemory } from '../search/ranking';
import type { Memory } from './memory';
import type { RecallRequest } from './memory-contract';
import type { Outbox } from './outbox-contract';
import { toShown, withChange } from './shown';

/** The newest so many are looked at: each may have to go through the model. */
const mostUnsent = 200;

/** The memories as writes on their way make them, in their order. */
export function toUnsentMemories(writes: readonly OutboxWrite[]): Memory[] {
  const memories = new Map<string, Memory>();
  for (const write of writes) {
    if (write.kind === 'add') {
      memories.set(write.memory.operationId, toShown(write.memory));
      continue;
    }
    const known = memories.get(write.memoryId) ?? (write.kind === 'update' ? write.changed : undefined);
    if (write.kind === 'delete') memories.delete(write.memoryId);
    else if (known) memories.set(write.memoryId, withChange(known, write.change));
  }
  return [...memories.values()];
}

export interface UnsentDependencies {
  outbox: Pick<Outbox, 'unsent'>;
  points: PointBuilder;
  terms: Terms;
  now: () => Date;
}

/**
 * What a person said that the provider does not show yet, ranked as the index ranks; by words alone where the model fails. [] when
 * nothing waits, or nothing that does passes the filter. Rejects when the database cannot be reached.
 */
export function createUnsentRecall({ outbox, points, terms, now }: UnsentDependencies) {
  const kernels = { tokens: createDotKernel(), sentences: createDotKernel() };
  const wordPoints = createWordPointBuilder(terms);

  return async ({ userId, query: text, limit, filter = {} }: RecallRequest): Promise<RankedMemory[]> => {
    const memories = toUnsentMemories(await outbox.unsent(userId)).slice(-mostUnsent);
    if (memories.length === 0) return [];
    const rankBy = async (builder: PointBuilder) => {
      const query = await builder.toQuery({ userId, text, filter, limit, now: now() });
      return rankPoints(kernels, await Promise.all(memories.map((memory) => builder.toPoint(memory, true))), query);
    };
    return rankBy(points).catch((error) => {
      if (error instanceof EmbeddingError) return rankBy(wordPoints);
      throw error;
    });
  };
}
