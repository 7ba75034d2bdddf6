import { preferenceNames } from './preferences';
import { cut } from './cut';
import { currentOnTopic, onTopic } from './quotes';
import type { Turn } from './turn';

/** The part of the coach that tells somebody what is known of them: in their own words, with dates, and nothing beyond. */

const maxGoalsTold = 3;
const maxQuotes = 3;
const maxOverviewQuotes = 5;
/** As long as a query may be. */
const maxQuery = 1_000;

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
export async function answerQuestion(question: string, turn: Turn): Promise<string[]> {
  const { known, notes, say, speak, quote, terms } = turn;
  if (!notes) return [say.unreachable];
  const fitting = currentOnTopic(question, known.recalled ?? [], notes, terms).slice(0, maxQuotes);
  if (fitting.length) return [speak('recall'), ...fitting.map(quote)];
  const ofCompany = await onCompany(question, turn);
  if (ofCompany.length) return ofCompany;
  const [closest] = notes;
  return closest ? [say.closest, quote(closest)] : [say.nothingOnThat];
}

/** What is known of the company that the person works for, on the topic of a question; nothing where there is none, or more than one. */
async function onCompany(question: string, { known, say, speak, terms, tools }: Turn): Promise<string[]> {
  if (known.companies?.length !== 1) return [];
  const found = await tools.use('search_company_memory', { query: cut(question, maxQuery), limit: maxQuotes });
  const fitting = onTopic(question, found?.memories ?? [], terms);
  return fitting.length ? [speak('recall'), ...fitting.map((memory) => say.quote(memory, null))] : [];
}
