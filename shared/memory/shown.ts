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

/** A memory as a change makes it. */
export const withChange = (memory: Memory, { text, metadata, expiresAt, supersededBy }: MemoryChange): Memory => ({
  ...memory,
  text: text ?? memory.text,
  metadata: metadata ?? memory.metadata,
  expiresAt: expiresAt === undefined ? memory.expiresAt : expiresAt,
  supersededBy: supersededBy === undefined ? memory.supersededBy : supersededBy,
});
