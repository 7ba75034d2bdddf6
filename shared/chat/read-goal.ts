import { type Clause, slice } from './clauses';
import { cut } from './cut';
import type { Intent } from './intent';
import { type Frequency, findFrequencies } from './rules/frequency';
import { aspiration, goalChanges, goalTriggers, titleClosers, titleOpeners, titleTail } from './rules/goal-rules';

type GoalIntent = Extract<Intent, { kind: 'goal' }>;

const maxTitle = 200;

/** The goals that a clause announces, often one: "I want to run twice a week and read 20 pages a day" are two. */
export function readGoals(clause: Clause): GoalIntent[] {
  for (const { strength, pattern } of goalTriggers) {
    const trigger = pattern.exec(clause.folded);
    if (!trigger) continue;
    const plan = slice(clause, trigger.index + trigger[0].length);
    const frequencies = findFrequencies(plan.folded);
    // "Every day I want to read": the frequency comes first.
    const [before] = frequencies.length ? [] : findFrequencies(clause.folded.slice(0, trigger.index));
    const isMeant =
      strength === 'vow' || before || frequencies.length || (strength === 'wish' && aspiration.test(plan.folded));
    if (!isMeant) continue;
    const goals = splitByFrequency(plan, frequencies);
    return goals
      .map((goal) => (before ? { ...goal, target: before.target } : goal))
      .filter(({ title }) => title !== '');
  }
  return [];
}

/** One goal for each frequency; what stands before a frequency is the title it belongs to. */
function splitByFrequency(plan: Clause, frequencies: Frequency[]): GoalIntent[] {
  if (!frequencies.length) return [{ kind: 'goal', title: toTitle(plan), target: null }];
  return frequencies.map(({ target, start, end }, i) => {
    const from = frequencies[i - 1]?.end ?? 0;
    const before = toTitle(slice(plan, from, start));
    const tail = plan.folded.slice(end);
    const isLast = i === frequencies.length - 1;
    const after = isLast && (titleTail.test(tail) || !before) ? toTitle(slice(plan, end)) : '';
    return { kind: 'goal', title: cut(`${before} ${after}`.trim(), maxTitle), target };
  });
}

function toTitle(clause: Clause): string {
  const opened = slice(clause, titleOpeners.exec(clause.folded)?.[0].length ?? 0);
  return cut(slice(opened, 0, titleClosers.exec(opened.folded)?.index).text, maxTitle).trim();
}

/** "I reached my reading goal", "drop my running goal", "change my goal to four times a week"; null when it is none of these. */
export function readGoalChange({ text, folded }: Clause): Extract<Intent, { kind: 'goal_change' }> | null {
  const rule = goalChanges.find(({ pattern }) => pattern.test(folded));
  if (!rule) return null;
  // "Reached my goal today" is about today.
  if (rule.status === 'done' && /\b(?:today|hoy|daily|weekly)\b/.test(folded)) return null;
  if (rule.status) return { kind: 'goal_change', words: text, change: { status: rule.status } };
  const [frequency] = findFrequencies(folded);
  return frequency
    ? { kind: 'goal_change', words: text.slice(0, frequency.start), change: { target: frequency.target } }
    : null;
}
