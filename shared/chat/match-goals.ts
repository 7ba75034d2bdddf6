import type { Terms } from '../embedding/terms';
import { toClause } from './clauses';
import type { Goal } from './goals';
import { activitiesIn } from './read-check-in';

/** The goals that somebody's words are about: by activity ("went for a run" and "correr"), else by a content word in common. */
export function matchGoals(words: string, activities: readonly string[], goals: readonly Goal[], terms: Terms): Goal[] {
  const byActivity = goals.filter(({ title }) =>
    activitiesIn(toClause(title).folded).some((name) => activities.includes(name)),
  );
  if (byActivity.length) return byActivity;
  const said = terms.terms(words);
  return goals.filter(({ title }) => [...terms.terms(title).keys()].some((stem) => said.has(stem)));
}
