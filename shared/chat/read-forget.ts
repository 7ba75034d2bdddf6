import { type Clause, slice, toClause } from './clauses';
import type { Intent, Understanding } from './intent';
import type { Language } from './personalities/personality';
import { answers, forgetRules, politeOpener } from './rules/forget-rules';

export type ForgetIntent = Extract<Intent, { kind: 'forget' }>;

/** What a sentence asks to be forgotten, and what it says after that; null where it asks for nothing of the kind. */
export function readForget(sentence: Clause): { intent: ForgetIntent; language: Language; rest: Clause } | null {
  const { folded } = sentence;
  if (folded.includes('?') && !politeOpener.test(folded)) return null;
  for (const { kind, language, pattern } of forgetRules) {
    const match = pattern.exec(folded);
    if (!match) continue;
    const rest = toClause(slice(sentence, match[0].length).text.replace(/^[\s,.!?…]+/, ''));
    if (kind !== 'topic') return { intent: { kind: 'forget', what: kind }, language, rest };
    const start = match[0].lastIndexOf(match[1] ?? '');
    const about = slice(sentence, start, start + (match[1]?.length ?? 0)).text;
    return { intent: { kind: 'forget', about }, language, rest };
  }
  return null;
}

/** Whether a message asks, in words that leave no doubt, that the one before it is forgotten. */
export const asksToForgetLast = ({ intents }: Understanding): boolean =>
  intents.some((intent) => intent.kind === 'forget' && intent.what === 'last' && !intent.isDoubtful);

/**
 * Yes or no, where the whole message says nothing else: an answer to what was asked before, should something have been. null for
 * everything else, "yes, but …" too: then nothing was confirmed.
 */
export function readAnswer(message: string): 'yes' | 'no' | null {
  const { folded } = toClause(message.normalize('NFC').replace(/\s+/g, ' '));
  const words = folded.replace(/^[\s¡]+|[\s.!…🙂🙏]+$/gu, '');
  if (words.length > 100) return null;
  if (answers.yes.test(words)) return 'yes';
  return answers.no.test(words) ? 'no' : null;
}
