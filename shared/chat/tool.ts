import type { z } from 'zod';
import type { SpeakerCompany } from '../brain/speaker-companies';
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
  /** Where they have a session that has not expired. */
  companies: SpeakerCompany[] | null;
}

/** For whom a tool is used: the person who speaks, whatever its input says, and for how long. */
export interface Speaker {
  userId: string;
  deadline: Deadline;
}

export interface ToolContext extends Speaker {
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
  /** A new id; for the same message and place in it always the same one. */
  newId(): string;
}

export type ToolErrorCode =
  | 'no_such_goal'
  | 'unknown_personality'
  | 'not_confirmed'
  | 'memory_unreachable'
  | 'no_company_session'
  | 'which_company'
  | 'not_saved';

/** Refuses a call for a reason that the caller may read: a code, and what else helps to call it rightly. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  constructor(
    readonly code: ToolErrorCode,
    readonly details: object = {},
  ) {
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
export interface Tool<Input extends z.ZodType, Result, Context = ToolContext> {
  /** What a chat model reads: when to use it, and what it gives. */
  description: string;
  input: Input;
  /** Whether a chat offers it to somebody of whom this is known; to everybody where it is left out. */
  isFor?(known: Known): boolean;
  run(input: z.output<Input>, context: Context): Promise<Outcome<Result>>;
}

export const tool = <Input extends z.ZodType, Result>(definition: Tool<Input, Result>) => definition;

/** One that needs to know nothing but who speaks: whoever serves agents can use it. */
export const agentTool = <Input extends z.ZodType, Result>(definition: Tool<Input, Result, Speaker>) => definition;

/** What became of a call; `error` is a code, and `cause` what was thrown. */
export type Called<Result> =
  | { ok: true; outcome: Outcome<Result> }
  | { ok: false; error: string; details: object; cause?: unknown };

/** Checks a call's input and carries it out. Never throws: `bad_input`, with the fields that do not fit and why; else a `ToolError`'s code; else `unavailable`. */
export async function callTool<Result, Context>(
  called: Pick<Tool<z.ZodType, Result, Context>, 'input' | 'run'>,
  input: unknown,
  context: Context,
): Promise<Called<Result>> {
  const parsed = called.input.safeParse(input);
  if (!parsed.success) return { ok: false, error: 'bad_input', details: { fields: parsed.error.issues.map(toField) } };
  try {
    return { ok: true, outcome: await called.run(parsed.data, context) };
  } catch (cause) {
    if (cause instanceof ToolError) return { ok: false, error: cause.code, details: cause.details, cause };
    return { ok: false, error: 'unavailable', details: {}, cause };
  }
}

const toField = ({ path, message }: { path: PropertyKey[]; message: string }) =>
  path.length ? `${path.join('.')}: ${message}` : message;
