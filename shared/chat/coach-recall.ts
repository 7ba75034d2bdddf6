import { preferenceNames } from './preferences';
import { currentOnTopic } from './quotes';
import type { Turn } from './turn';

/** The part of the coach that tells somebody what is known of them: in their own words, with dates, and nothing beyond. */

const maxGoalsTold = 3;
const maxQuotes = 3;
const maxOverviewQuotes = 5;

/** A returning person is met with what is known: the goals, else the last thing they told. */
export function greet({ intents, known, notes, lasting, active, say, speak, quote }: Turn): string[] {
  const isOnlyGreeting = intents.every(({ kind }) => kind === 'greeting');
  const { name } = known.preferences;
  if (!name && !active.length && !notes?.length) return isOnlyGreeting ? [speak('hello')] : [];
  const welcome = speak('welcomeBack', { name: name ? `, ${name}` : '' });
  if (!isOnlyGreeting) return [welcome];
  const [newest] = lasting.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  if (active.length) return [welcome, ...active.slice(0, maxGoalsTold).map(say.progress)];
  return newest ? [welcome, quote(newest)] : [welcome];
}

export async function tellAll({ known, notes, lasting, active, say, speak, quote, tools }: Turn): Promise<string[]> {
  await tools.use('what_do_you_know', {});
  const settled = preferenceNames.flatMap((name) => {
    const value = known.preferences[name];
    return value ? [say.preference(name, value)] : [];
  });
  const quotes = lasting.slice(0, maxOverviewQuotes).map(quote);
  const told = [...settled, ...active.map(say.progress), ...quotes];
  if (told.length) return [speak('recall'), ...told];
  if (!notes) return [say.unreachable];
  return [known.goals ? say.nothingYet : say.goalsUnreachable];
}

/** Answers with quotes that share a word with the question; else with the closest one, said to be no more than that. */
export function answerQuestion(question: string, { known, notes, say, speak, quote, terms }: Turn): string[] {
  if (!notes) return [say.unreachable];
  const fitting = currentOnTopic(question, known.recalled ?? [], notes, terms).slice(0, maxQuotes);
  if (fitting.length) return [speak('recall'), ...fitting.map(quote)];
  const [closest] = notes;
  return closest ? [say.closest, quote(closest)] : [say.nothingOnThat];
}
