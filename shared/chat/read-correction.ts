import { type Clause, slice, toClause } from './clauses';
import type { Language } from './personalities/personality';
import { corrections } from './rules/correction-rules';

/** What is right, where a sentence says that something is wrong, in the person's own words and empty where they do not say; else null. */
export function readCorrection(sentence: Clause): { right: Clause; language: Language } | null {
  for (const { language, pattern } of corrections) {
    const match = pattern.exec(sentence.folded);
    if (match) return { right: slice(sentence, match[0].length), language };
  }
  return null;
}

/** "That's wrong. I moved to Lima." in one sentence. */
export function joinCorrections(sentences: readonly Clause[]): Clause[] {
  const joined: Clause[] = [];
  for (const sentence of sentences) {
    const before = joined.at(-1);
    const isOpen = before !== undefined && readCorrection(before)?.right.text === '';
    if (isOpen && !sentence.folded.includes('?'))
      joined[joined.length - 1] = toClause(`${before.text} ${sentence.text}`);
    else joined.push(sentence);
  }
  return joined;
}
