import { addOperationOf } from '../../memory/adding';
import { derivedId } from '../../memory/derived-id';
import type { Memory } from '../../memory/memory';
import type { MemoryService } from '../../memory/memory-contract';
import type { Deadline } from '../../resilience/deadline';
import type { TranscriptTurn } from '../transcript';

/** Who found a fact. */
export type Finder = 'model' | 'rules';

/** Something that a message tells of the person, and the memories that it contradicts. */
export interface Fact {
  text: string;
  type: 'fact' | 'preference';
  /** 0 to 1. */
  confidence: number;
  contradicted: Memory[];
  /** The memory that says it already. */
  known?: Memory;
}

/** The provider may take its time: what was said is durable before, and found meanwhile. */
const waitMs = 200;

/**
 * Stores a fact unless it is known, and marks what it contradicts: of two memories the older one is superseded by the newer, whichever of
 * them was extracted first. The same fact of the same turn is stored once. Throws ProblemError 503 as `MemoryService` does.
 */
export async function keepFact(
  memory: Pick<MemoryService, 'add' | 'update'>,
  turn: TranscriptTurn,
  { text, type, confidence, contradicted, known }: Fact,
  by: Finder,
  deadline: Deadline,
): Promise<void> {
  const store = async (): Promise<string | null> => {
    const { id, userId, conversationId, at } = turn;
    const messageId = `facts:${id}:${derivedId('fact', text)}`;
    const added = await memory.add(
      {
        ...{ userId, type, messageId, at, waitMs, infer: true },
        utterances: [{ role: 'user', name: null, content: text, at }],
        metadata: { type, confidence, extracted_by: by, conversation_id: conversationId },
      },
      deadline,
    );
    // Until the provider has made it, a memory is named by its operation; what was skipped without one is nowhere.
    return added.memoryId ?? (added.status === 'skipped' ? null : addOperationOf(userId, messageId));
  };
  const newId = known?.id ?? (await store());
  if (newId === null) return;
  for (const { id, createdAt } of contradicted) {
    if (id === newId) continue;
    const [older, newer] = createdAt > turn.at ? [newId, id] : [id, newId];
    await memory.update(older, { supersededBy: newer }, deadline);
  }
}
