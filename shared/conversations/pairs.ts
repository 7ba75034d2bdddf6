import type { Said } from './conversations-contract';

/** What was asked and what was answered to it; either may be empty. */
export interface Pair {
  query: string;
  answer: string;
  /** When it began; null where nothing says so. */
  at: Date | null;
}

/**
 * The turns of a call as exchanges: what the caller said until the agent spoke, and what the agent said until the caller did again. What
 * the agent began with, and what the caller ended with, are exchanges of one side. A turn without a time has that of the turn before it. Pure.
 */
export function toPairs(said: readonly Said[]): Pair[] {
  const pairs: { query: string[]; answer: string[]; at: Date | null }[] = [];
  let at: Date | null = null;
  for (const turn of said) {
    at = turn.at ?? at;
    const last = pairs.at(-1);
    const isAnswer = turn.role === 'assistant';
    const goesOn = last && (isAnswer || last.answer.length === 0);
    const pair = goesOn ? last : { query: [], answer: [], at };
    if (!goesOn) pairs.push(pair);
    (isAnswer ? pair.answer : pair.query).push(turn.content);
  }
  return pairs.map(({ query, answer, ...pair }) => ({ ...pair, query: query.join('\n'), answer: answer.join('\n') }));
}
