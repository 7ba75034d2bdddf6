import { z } from 'zod';
import type { Memory, Metadata } from '../memory/memory';
import { type Goal, type Goals, goalStatuses } from './goals';
import { personalityNames } from './personalities/list';
import type { Deadline } from '../resilience/deadline';
import { type Preferences, type PreferenceValues, preferenceNames } from './preferences';
import type { Pending } from './transcript';

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
  constructor(readonly code: 'no_such_goal' | 'unknown_personality') {
    super(code);
  }
}

/** One thing a coach can do, for rules and chat models alike: snake_case input, checked by zod. `run` may throw. */
interface Tool<Input extends z.ZodType, Result> {
  description: string;
  input: Input;
  run(input: z.output<Input>, context: ToolContext): Promise<{ result: Result; note?: Note }>;
}
const tool = <Input extends z.ZodType, Result>(definition: Tool<Input, Result>) => definition;

const title = z.string().trim().min(1).max(200);
const target = z.strictObject({ count: z.number().int().min(1).max(100), period: z.enum(['day', 'week', 'month']) });
const level = z.number().int().min(1).max(10);

const times = ({ count, period }: z.output<typeof target>) => `${count} ${count === 1 ? 'time' : 'times'} a ${period}`;
const goalText = (goal: Goal) => `Goal: ${goal.title}${goal.target ? `, ${times(goal.target)}` : ''}`;

export function createTools({ goals, preferences }: { goals: Goals; preferences: Preferences }) {
  return {
    create_goal: tool({
      description: 'Creates a goal, with how often it is to be done if that was said.',
      input: z.strictObject({ title, target: target.nullable() }),
      run: async (input, { userId, newId }) => {
        const result = await goals.create({ id: newId(), userId, ...input });
        const { goal } = result;
        return result.outcome === 'existed'
          ? { result }
          : { result, note: { type: 'goal', text: goalText(goal), metadata: { goal_id: goal.id } } };
      },
    }),
    update_goal: tool({
      description: 'Marks a goal done, dropped or active again, renames it, or changes how often it is to be done.',
      input: z.strictObject({
        goal_id: z.uuid(),
        title: title.optional(),
        status: z.enum(goalStatuses).optional(),
        target: target.optional(),
      }),
      run: async ({ goal_id, ...change }, { userId }) => {
        const goal = await goals.update(goal_id, change, userId);
        if (!goal) throw new ToolError('no_such_goal');
        const text = goal.status === 'active' ? goalText(goal) : `${goalText(goal)} (${goal.status})`;
        return { result: { goal }, note: { type: 'goal', text, metadata: { goal_id } } };
      },
    }),
    log_check_in: tool({
      description: 'Logs mood and energy, each 1 to 10, or that something was done for a goal.',
      input: z.strictObject({
        goal_id: z.uuid().optional(),
        mood: level.optional(),
        energy: level.optional(),
        note: z.string().max(500).optional(),
        days_ago: z.number().int().min(0).max(7).default(0),
      }),
      run: async (
        { goal_id: goalId = null, mood = null, energy = null, note = null, days_ago },
        { userId, at, personality, newId },
      ) => {
        const when = new Date(at.getTime() - days_ago * 86_400_000);
        const checkIn = await goals.logCheckIn(userId, {
          id: newId(),
          goalId,
          mood,
          energy,
          note,
          personality,
          at: when,
        });
        if (!checkIn) throw new ToolError('no_such_goal');
        const goal = goalId ? (await goals.list(userId)).find(({ id }) => id === goalId) : undefined;
        const facts = [
          goal && `did ${goal.title}`,
          mood !== null && `mood ${mood}`,
          energy !== null && `energy ${energy}`,
        ];
        const text = `Check-in: ${facts.filter(Boolean).join(', ') || note}`;
        const metadata = {
          ...(goalId && { goal_id: goalId }),
          ...(mood !== null && { mood }),
          ...(energy !== null && { energy }),
        };
        return { result: { checkIn, ...(goal && { goal }) }, note: { type: 'check_in', text, metadata } };
      },
    }),
    list_goals: tool({
      description: 'Lists the active goals with streaks and when each is next due.',
      input: z.strictObject({}),
      run: async (_, { userId }) => ({ result: { goals: await goals.list(userId, 'active') } }),
    }),
    remember: tool({
      description: 'Keeps a fact, or something the person likes or dislikes, in their own words.',
      input: z.strictObject({ text: z.string().trim().min(1).max(1000), type: z.enum(['fact', 'preference']) }),
      run: async (note) => ({ result: note, note }),
    }),
    set_preference: tool({
      description: `Keeps what the person is called (name), which coach they prefer (personality: ${personalityNames.join(', ')}), or the time of day that works for them (time_of_day).`,
      input: z.strictObject({
        name: z.enum(preferenceNames),
        value: z.string().trim().min(1).max(100),
        words: z.string().max(1000),
      }),
      run: async ({ name, value, words }, { userId, at }) => {
        if (name === 'personality' && !personalityNames.includes(value)) throw new ToolError('unknown_personality');
        await preferences.set(userId, name, value, at);
        return {
          result: { name, value },
          note: { type: 'preference', text: words, metadata: { preference: name, value } },
        };
      },
    }),
    what_do_you_know: tool({
      description: 'Sums up what is known about the person; memories are null when they cannot be reached.',
      input: z.strictObject({}),
      run: async (_, { known: { goals, recalled, preferences } }) => ({
        result: { preferences, goals: goals?.length ?? null, memories: recalled?.length ?? null },
      }),
    }),
  } as const;
}

export type Tools = ReturnType<typeof createTools>;
export type ToolName = keyof Tools;
export type ToolInput<Name extends ToolName> = z.input<Tools[Name]['input']>;
export type ToolResult<Name extends ToolName> = Awaited<ReturnType<Tools[Name]['run']>>['result'];
