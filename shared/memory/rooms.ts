import type { Origin } from '../database/schema';
import type { Memory } from './memory';

/**
 * A room that keeps rows of writes. It is told before they are done: after a crash it is told again. Methods reject when the database
 * cannot be reached.
 */
export interface Room {
  /** What the provider made of them, by their operations. */
  arrived(memories: ReadonlyMap<string, Memory[]>): Promise<void>;
  /** Nothing comes of it any more: the provider refused it for good, or what it made is gone. */
  ended?(operationId: string, why: 'refused' | 'gone'): Promise<void>;
  /** A memory was changed by a write that no room sent. */
  changed?(memory: Memory): Promise<void>;
}

export type Rooms = Record<Origin, Room>;
