import type { z } from 'zod';
import type { Memory, Metadata } from '../memory/memory';
import type { Deadline } from '../resilience/deadline';
import type { Goal } from './goals';
import type { PreferenceValues } from './preferences';
import type { Pending, TranscriptTurn } from './transcript';

/** What a tool leaves in memory of what it did. */
export interface Note {
  type: 'goal' | 'check_in' | 'preference' | 'fact';
  text: string;
  metadata?: Metadata;
}

/** What is known of the person when a message arrives; null is what could not be reached. */
export interface Known {
  goals: Goal[] | null;
  recalled: Memory[] | null;
  preferences: PreferenceValues;
}

export interface ToolContext {
  userId: string;
  at: Date;
  known: Known;
  /** Which coach spoke last, before this message; null where none did. */
  personality: string | null;
  /** The person's last turn in this conversation; null where this message is the first. */
  previous: TranscriptTurn | null;
  /** Whether the rules saw the person say in this message that their last one is to be forgotten; see read-forget.ts. */
  asksToForget: boolean;
  /** What the person was asked to confirm, and whether this message does. */
  pending: Pending | null;
  isConfirmed: boolean;
  deadline: Deadline;
  /** A new id; for the same message and place in it always the same one. */
  newId(): string;
}

/** Refuses a call for a reason that the caller may read; the code says which. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  constructor(readonly code: 'no_such_goal' | 'unknown_personality' | 'not_confirmed' | 'memory_unreachable') {
    super(code);
  }
}

/** What a tool did: what its caller is told, what goes into memory, and what the person has to say yes to first. */
export interface Outcome<Result> {
  result: Result;
  notes?: Note[];
  pending?: Pending;
}

/** One thing a coach can do, for rules and chat models alike: snake_case input, checked by zod. `run` may throw. */
interface Tool<Input extends z.ZodType, Result> {
  /** What a chat model reads: when to use it, and what it gives. */
  description: string;
  input: Input;
  run(input: z.output<Input>, context: ToolContext): Promise<Outcome<Result>>;
}

export const tool = <Input extends z.ZodType, Result>(definition: Tool<Input, Result>) => definition;
