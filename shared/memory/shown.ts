import type { SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import type { UntilThen } from './delivery';
import type { Memory } from './memory';
import type { MemoryChange, NewMemory } from './provider';

/** What an add shows until the provider's own memories take its place. */
export function toShown({ operationId, utterances, at, infer: _, supersededBy = null, ...common }: NewMemory): Memory {
  return {
    ...common,
    id: operationId,
    text: utterances.map(({ content }) => content).join('\n'),
    speaker: utterances[0]?.name ?? null,
    createdAt: at,
    updatedAt: at,
    supersededBy,
  };
}

/** Lets the index show what an add makes for as long as it has not arrived. */
export const showUntilThen =
  ({ index, points }: { index: SearchIndex; points: PointBuilder }, memory: NewMemory): UntilThen =>
  async (signal) =>
    index.upsert(memory.userId, [await points.toPoint(toShown(memory), true)], signal);

/** A memory as a change makes it. */
export const withChange = (memory: Memory, { text, metadata, expiresAt, supersededBy }: MemoryChange): Memory => ({
  ...memory,
  text: text ?? memory.text,
  metadata: metadata ?? memory.metadata,
  expiresAt: expiresAt === undefined ? memory.expiresAt : expiresAt,
  supersededBy: supersededBy === undefined ? memory.supersededBy : supersededBy,
});
