import { z } from 'zod';
import { describeError, type Logger } from '../telemetry/logger';
import { type Goal, type Goals, goalStatuses } from './goals';
import type { Learning } from './learning';
import { tool, ToolError } from './tool';

const title = z.string().trim().min(1).max(200);
const target = z.strictObject({ count: z.number().int().min(1).max(100), period: z.enum(['day', 'week', 'month']) });
const level = z.number().int().min(1).max(10);

const times = ({ count, period }: z.output<typeof target>) => `${count} ${count === 1 ? 'time' : 'times'} a ${period}`;
const goalText = (goal: Goal) => `Goal: ${goal.title}${goal.target ? `, ${times(goal.target)}` : ''}`;

/** Goals and check-ins. */
export function createGoalTools({ goals, learning, logger }: { goals: Goals; learning: Learning; logger: Logger }) {
  /** A check-in that is logged stays logged, whether or not something can be learnt from it now. */
  const learn = (userId: string, at: Date) =>
    learning.look(userId, at).catch((error) => {
      logger.warn('nothing learnt', describeError(error));
      return [];
    });

  return {
    create_goal: tool({
      description:
        'Creates a goal, when the person says that they want to do or reach something. `target` is how often it is to be done, null where ' +
        'they did not say. Gives the goal; `outcome` tells whether it was created, or an active one of that title changed or existed.',
      input: z.strictObject({ title, target: target.nullable() }),
      run: async (input, { userId, newId }) => {
        const result = await goals.create({ id: newId(), userId, ...input });
        const { goal, outcome } = result;
        const note = { type: 'goal' as const, text: goalText(goal), metadata: { goal_id: goal.id } };
        return { result, notes: outcome === 'existed' ? [] : [note] };
      },
    }),
    update_goal: tool({
      description:
        'Marks a goal done, dropped or active again, renames it, or changes how often it is to be done, when the person asks for that. ' +
        'Gives the goal as it is then. Ids stand in list_goals.',
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
        return { result: { goal }, notes: [{ type: 'goal', text, metadata: { goal_id } }] };
      },
    }),
    log_check_in: tool({
      description:
        'Logs, when the person tells, how they are (mood and energy, each 1 to 10 and only as they gave them) or what they did for a goal ' +
        '(`goal_id`), up to 7 days ago. Gives the check-in, and the goal with its streak.',
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
        const stated = { id: newId(), goalId, mood, energy, note, personality, at: when };
        const checkIn = await goals.logCheckIn(userId, stated);
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
        const notes = [{ type: 'check_in' as const, text, metadata }, ...(await learn(userId, at))];
        return { result: { checkIn, ...(goal && { goal }) }, notes };
      },
    }),
    list_goals: tool({
      description:
        'Lists the active goals with ids, streaks and when each is next due, when the person asks how they are doing.',
      input: z.strictObject({}),
      run: async (_, { userId }) => ({ result: { goals: await goals.list(userId, 'active') } }),
    }),
  };
}
