import { toClause } from './clauses';
import type { Intent } from './intent';
import { matchGoals } from './match-goals';
import { activitiesIn } from './read-check-in';
import type { Turn } from './turn';

/** The part of the coach that keeps goals and check-ins. Each returns what there is to say, in order. */

type Of<Kind extends Intent['kind']> = Extract<Intent, { kind: Kind }>;

export async function createGoal(
  { title, target }: Of<'goal'>,
  { tools, active, say, speak }: Turn,
): Promise<string[]> {
  const made = await tools.use('create_goal', { title, target });
  if (!made) return [say.notWritten];
  if (made.outcome === 'changed') return [say.goalChanged(made.goal)];
  if (made.outcome === 'existed') return [say.goalExists(made.goal)];
  active.push(made.goal);
  return [speak('goalSet', { goal: say.goal(made.goal) })];
}

export async function changeGoal({ words, change }: Of<'goal_change'>, turn: Turn): Promise<string[]> {
  const { known, active, say, tools, terms } = turn;
  if (!known.goals) return [say.goalsUnreachable];
  const matching = matchGoals(words, activitiesIn(toClause(words).folded), active, terms);
  const [goal, ...others] = matching.length ? matching : active;
  if (!goal) return [say.noGoals];
  if (others.length) return [say.whichGoal([goal, ...others])];
  const updated = await tools.use('update_goal', { goal_id: goal.id, ...change });
  if (!updated) return [say.notWritten];
  return [updated.goal.status === 'active' ? say.goalChanged(updated.goal) : say.goalClosed(updated.goal)];
}

/** Logs what was done for every goal it fits. "Did it today" fits the only goal there is. */
export async function logReport({ words, activities, isNamed, daysAgo }: Of<'report'>, turn: Turn): Promise<string[]> {
  const { known, intents, active, say, speak, tools, terms } = turn;
  if (!known.goals) return [say.goalsUnreachable];
  const matching = isNamed ? matchGoals(words, activities, active, terms) : active;
  if (!isNamed && matching.length > 1) return [say.whichGoal(matching)];
  const said: string[] = [];
  for (const goal of matching) {
    const checkIn = turn.isCheckInLogged || daysAgo > 0 ? undefined : intents.find(({ kind }) => kind === 'check_in');
    const { mood, energy } = (checkIn ?? {}) as Partial<Of<'check_in'>>;
    const input = { goal_id: goal.id, mood, energy, note: words, days_ago: daysAgo };
    const logged = await tools.use('log_check_in', input);
    if (logged && checkIn) turn.isCheckInLogged = true;
    if (!logged) said.push(say.notWritten);
    else said.push(speak('done', { goal: goal.title }), ...(logged.goal ? [say.progress(logged.goal)] : []));
  }
  return said;
}

export async function logCheckIn({ mood, energy, note }: Of<'check_in'>, turn: Turn): Promise<string[]> {
  const { say, speak, tools } = turn;
  const isLogged = turn.isCheckInLogged || (await tools.use('log_check_in', { mood, energy, note }));
  if (!isLogged) return [say.notWritten];
  const levels = [mood, energy].filter((level) => level !== undefined);
  const average = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  return [say.checkIn(mood, energy), speak(average >= 7 ? 'good' : average > 4 ? 'steady' : 'bad')];
}

export async function listGoals({ say, tools }: Turn): Promise<string[]> {
  const list = await tools.use('list_goals', {});
  if (!list) return [say.goalsUnreachable];
  return list.goals.length ? list.goals.map(say.progress) : [say.noGoals];
}
