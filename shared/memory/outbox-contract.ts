import type { Db } from '../database/client';
import type { OutboxWrite } from '../database/schema';
import type { Attempt } from './provider';

/** A write that was taken from the outbox to be sent. */
export interface TakenWrite {
  sequence: number;
  operationId: string;
  userId: string;
  write: OutboxWrite;
  attempts: number;
  /** The state it was found in: `sending` means that an earlier attempt may have arrived, `pending` that it did. */
  found: 'waiting' | 'sending' | 'pending' | 'stored';
  /** The attempt to ask about, or the one that begins now. */
  attempt: Attempt;
  /** Whether the person had further writes when this one was taken: if not, there is nothing to look for after it. */
  hasMore: boolean;
}

/** A write that comes from a room with rows of its own, see `Origin`. */
export interface AcceptedWrite {
  userId: string;
  operationId: string;
  write: OutboxWrite;
}

export interface OutboxStatus {
  waiting: number;
  /** Age of the oldest write that waits; 0 when none does. */
  oldestSeconds: number;
  /** Writes that the provider refused for good. */
  dead: number;
}

/**
 * Writes that were accepted and are not yet everywhere they belong, in Postgres. One person's writes leave in the order they
 * came, one at a time over all processes; different people's do not wait for each other. Methods reject when the database
 * cannot be reached.
 */
export interface Outbox {
  /** Keeps a write; it is durable once this resolves. The same operation twice is one write; if it is `once`, also after `finish`. */
  accept(userId: string, operationId: string, write: OutboxWrite): Promise<void>;
  /**
   * Keeps several new writes, and in the same transaction the rows that a room of the house has of them: all of it is durable once this
   * resolves, or nothing.
   */
  acceptWith(writes: AcceptedWrite[], keepRows: (tx: Pick<Db, 'insert'>) => Promise<unknown>): Promise<void>;
  /** Takes the person's next write that is due, or null. It is this caller's until `finish`, `retry`, `pending`, `stored` or `bury`, or for 60 s. */
  take(userId: string): Promise<TakenWrite | null>;
  /**
   * Takes further adds of the person's that came by `acceptWith` and were never sent, to go along with one that was taken: what came word
   * for word needs no order among its like, and a change of it waits for it all the same.
   */
  takeAlong(userId: string, atMost: number): Promise<TakenWrite[]>;
  /** The same of several people, in the order they came: of those who have nothing else on its way, so that nothing is overtaken. */
  takeNew(userIds: string[], atMost: number): Promise<TakenWrite[]>;
  /**
   * Takes all of the person's writes that no second provider keeps yet, in their order, where the first of them failed; [] where none did.
   * Each is this caller's until `sheltered`, or for 60 s.
   */
  takeToShelter(userId: string): Promise<TakenWrite[]>;
  /** A second provider keeps it under these ids; null: none does, for now. */
  sheltered(taken: TakenWrite, ids: string[] | null): Promise<void>;
  /** They are everywhere they belong; of several none is `once`. */
  finish(taken: TakenWrite[]): Promise<void>;
  /**
   * It failed; `outcomeUnknown` keeps it in `sending`, so that the next attempt looks first. `isOver`: it was sent, and that ended now.
   * `write`: what is to be sent instead.
   */
  retry(
    taken: TakenWrite,
    failure: { code: string; delayMs: number; outcomeUnknown: boolean; isOver?: boolean; write?: OutboxWrite },
  ): Promise<void>;
  /** The write is about to be sent once more: from now on it is this attempt that may arrive. */
  resend(taken: TakenWrite): Promise<void>;
  /**
   * The provider took it and is at work on it: it no longer holds up the person's later writes. Without an event nobody knows: it does,
   * and has its next turn when it can no longer arrive. A look at it is not an attempt.
   */
  pending(taken: TakenWrite, next: { eventId: string | null; delayMs: number }): Promise<void>;
  /** The provider has it, the index not yet: it no longer holds up the person's later writes. */
  stored(taken: TakenWrite, failure: { code: string; delayMs: number }): Promise<void>;
  /** The provider refused it for good; kept for a person to look at. */
  bury(taken: TakenWrite, code: string): Promise<void>;
  /** Whether a write is still here, and how. */
  stateOf(operationId: string): Promise<'waiting' | 'sending' | 'pending' | 'stored' | 'dead' | null>;
  /** The person's writes that the provider does not show yet, oldest first. */
  unsent(userId: string): Promise<OutboxWrite[]>;
  /** People with a write that is due, the longest waiting first; only of those in `among` where that is given. */
  duePeople(limit: number, among?: string[]): Promise<string[]>;
  status(): Promise<OutboxStatus>;
}
