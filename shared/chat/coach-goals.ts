import { toClause } from './clauses';
import type { Intent } from './intent';
import { matchGoals } from './match-goals';
import { activitiesIn } from './read-check-in';
import { act } from './tell';
import type { Turn } from './turn';

/** The part of the coach that keeps goals and check-ins. Each returns what there is to say, in order. */

type Of<Kind extends Intent['kind']> = Extract<Intent, { kind: Kind }>;

export async function createGoal({ title, target }: Of<'goal'>, turn: Turn): Promise<string[]> {
  const { result, said } = await act('create_goal', { title, target }, turn);
  if (result?.outcome === 'created') turn.active.push(result.goal);
  return said;
}

export async function changeGoal({ words, change }: Of<'goal_change'>, turn: Turn): Promise<string[]> {
  const { known, active, say, terms } = turn;
  if (!known.goals) return [say.goalsUnreachable];
  const matching = matchGoals(words, activitiesIn(toClause(words).folded), active, terms);
  const [goal, ...others] = matching.length ? matching : active;
  if (!goal) return [say.noGoals];
  if (others.length) return [say.whichGoal([goal, ...others])];
  return (await act('update_goal', { goal_id: goal.id, ...change }, turn)).said;
}

/** Logs what was done for every goal it fits. "Did it today" fits the only goal there is. */
export async function logReport({ words, activities, isNamed, daysAgo }: Of<'report'>, turn: Turn): Promise<string[]> {
  const { known, intents, active, say, terms } = turn;
  if (!known.goals) return [say.goalsUnreachable];
  const matching = isNamed ? matchGoals(words, activities, active, terms) : active;
  if (!isNamed && matching.length > 1) return [say.whichGoal(matching)];
  const said: string[] = [];
  for (const goal of matching) {
    const checkIn = turn.isCheckInLogged || daysAgo > 0 ? undefined : intents.find(({ kind }) => kind === 'check_in');
    const { mood, energy } = (checkIn ?? {}) as Partial<Of<'check_in'>>;
    const input = { goal_id: goal.id, mood, energy, note: words, days_ago: daysAgo };
    const logged = await act('log_check_in', input, turn);
    if (logged.result && checkIn) turn.isCheckInLogged = true;
    said.push(...logged.said);
  }
  return said;
}

export async function logCheckIn({ mood, energy, note }: Of<'check_in'>, turn: Turn): Promise<string[]> {
  return turn.isCheckInLogged ? [] : (await act('log_check_in', { mood, energy, note }, turn)).said;
}
