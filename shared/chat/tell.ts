import type { Phrases } from './phrases';
import type { Speech } from './speech';
import type { ToolRun, ToolUse } from './tool-runner';
import type { ToolInput, ToolName, ToolResult } from './tools';

/** What there is to say about what a tool did, whoever called for it: the coach by rule, or a chat model that then broke off. */

const maxQuotes = 3;

const told: { [Name in ToolName]: (result: ToolResult<Name>, speech: Speech) => string[] } = {
  create_goal: ({ goal, outcome }, { say, speak }) => {
    if (outcome === 'changed') return [say.goalChanged(goal)];
    return [outcome === 'existed' ? say.goalExists(goal) : speak('goalSet', { goal: say.goal(goal) })];
  },
  update_goal: ({ goal }, { say }) => [goal.status === 'active' ? say.goalChanged(goal) : say.goalClosed(goal)],
  log_check_in: ({ checkIn: { mood, energy }, goal }, { say, speak }) => {
    const done = goal ? [speak('done', { goal: goal.title }), say.progress(goal)] : [];
    const levels = [mood, energy].filter((level) => level !== null);
    if (!levels.length) return done;
    const average = levels.reduce((sum, level) => sum + level, 0) / levels.length;
    return [...done, say.checkIn(mood, energy), speak(average >= 7 ? 'good' : average > 4 ? 'steady' : 'bad')];
  },
  list_goals: ({ goals }, { say }) => (goals.length ? goals.map(say.progress) : [say.noGoals]),
  remember: (_, { say }) => [say.remembered],
  set_preference: ({ name, value }, { say }) => [say.preference(name, value)],
  search_memory: ({ memories }, speech) => tellFound(memories, speech),
  what_do_you_know: () => [],
  forget_memory: (result, { say }) => ['asked' in result ? say.askToForget(result) : say.forgotten(result)],
  search_user_memory: ({ memories }, speech) => tellFound(memories, speech),
  save_user_memory: (_, { say }) => [say.remembered],
  search_company_memory: ({ memories }, speech) => tellFound(memories, speech),
  save_company_memory: (_, { say }) => [say.remembered],
};

/** What a search found, best first; null where memory could not be reached. */
export function tellFound(memories: Parameters<Speech['say']['quote']>[0][] | null, { say, speak }: Speech): string[] {
  if (!memories) return [say.unreachable];
  if (!memories.length) return [say.nothingOnThat];
  return [speak('recall'), ...memories.slice(0, maxQuotes).map((memory) => say.quote(memory, null))];
}

const failed: Partial<Record<ToolName, keyof Pick<Phrases, 'goalsUnreachable' | 'unreachable' | 'notForgotten'>>> = {
  list_goals: 'goalsUnreachable',
  search_memory: 'unreachable',
  search_user_memory: 'unreachable',
  search_company_memory: 'unreachable',
  what_do_you_know: 'unreachable',
  forget_memory: 'notForgotten',
};

/** Uses a tool, and says what came of it. */
export async function act<Name extends ToolName>(
  name: Name,
  input: ToolInput<Name>,
  { tools, ...speech }: Speech & { tools: ToolRun },
): Promise<{ result: ToolResult<Name> | null; said: string[] }> {
  const result = await tools.use(name, input);
  return { result, said: result ? told[name](result, speech) : [speech.say[failed[name] ?? 'notWritten']] };
}

/** What the tools of a message did, from their results alone; one that failed and then worked, worked. '' where there is nothing to say. */
export function summarise(used: readonly ToolUse[], speech: Speech): string {
  const worked = new Set(used.filter(({ ok }) => ok).map(({ name }) => name));
  const said = used.flatMap(({ name, ok, result }) => {
    if (!ok) return worked.has(name) ? [] : [speech.say[failed[name] ?? 'notWritten']];
    // As in the tool runner: a name goes with its result.
    return (told[name] as (result: unknown, speech: Speech) => string[])(result, speech);
  });
  return [...new Set(said)].join(' ');
}
