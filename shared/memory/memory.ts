/** The earlier systems' categories; callers may use others. */
export const memoryTypes = ['goal', 'check_in', 'conversation', 'preference', 'tool_usage'] as const;

/**
 * The type of what the brain keeps: the current value of something that is known, see brain/brain-contract.ts. Nobody else stores any of it.
 */
export const brainType = 'brain';

/** What a caller stores beside the text. Its keys are the caller's own and are never renamed. */
export type Metadata = Record<string, unknown>;

/** One thing remembered about one person. */
export interface Memory {
  id: string;
  userId: string;
  text: string;
  /** One of `memoryTypes` or the caller's own word; `fact` when nothing was said. */
  type: string;
  topic: string | null;
  tags: string[];
  metadata: Metadata;
  /** The conversation this is a turn of; ranking's structure rests on it together with `speaker` and `createdAt`. */
  sessionId: string | null;
  speaker: string | null;
  /** When it was said (add-memory's `at`), not when it was stored. */
  createdAt: Date;
  updatedAt: Date;
  expiresAt: Date | null;
  /** The newer memory that contradicts this one; ranking puts it below. */
  supersededBy: string | null;
}

/** A page of something; `nextCursor` is null on the last one. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface PageRequest {
  limit: number;
  cursor: string | null;
}

/** One entry of a memory's history, oldest first. */
export interface MemoryEvent {
  memoryId: string;
  event: 'add' | 'update' | 'delete';
  previousText: string | null;
  text: string | null;
  at: Date;
}

export interface PersonSummary {
  userId: string;
  /** null where the provider does not count them. */
  memories: number | null;
  lastMemoryAt: Date | null;
}
