import type { Embedder } from '../embedding/embedder';
import type { SearchIndex } from '../search/index';

/** Why something is not stored: it is known already. */
export type SkipReason = 'exact_duplicate' | 'near_duplicate';

/** Below this cosine two statements are never the same one. */
const nearDuplicateCosine = 0.97;

/** Words whose coming or going changes nothing, once contractions are written out. Pronouns, negations and numbers are not among them. */
const fillers = new Set('a an the so very really just el la los las un una muy pues'.split(' '));
const contractions: [RegExp, string][] = [
  [/\bwon't\b/g, 'will not'],
  [/\bcan(?:'t|not)\b/g, 'can not'],
  [/n't\b/g, ' not'],
  [/'m\b/g, ' am'],
  [/'re\b/g, ' are'],
  [/'ve\b/g, ' have'],
  [/'ll\b/g, ' will'],
];

/** Text folded to what makes it the same words: case, white space, punctuation. */
const folded = (text: string) =>
  (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join(' ');

/**
 * Whether two texts state the same thing: the same words in the same order, apart from fillers and contractions. "Locker 12" and
 * "locker 13" are two facts, and so are "he moved" and "she moved", "I do" and "I do not", "I smoke" and "I smoked".
 */
export function isSameStatement(a: string, b: string): boolean {
  const statement = (text: string) => {
    const plain = contractions.reduce(
      (result, [contraction, words]) => result.replace(contraction, words),
      text.toLowerCase().replaceAll('’', "'"),
    );
    return folded(plain)
      .split(' ')
      .filter((word) => !fillers.has(word))
      .join(' ');
  };
  return statement(a) === statement(b);
}

/** Why something is not stored, and the memory that says it already. */
export interface Skip {
  reason: SkipReason;
  memoryId: string | null;
}

/**
 * Whether a text adds something to what the person's memories hold: null when it does. Compares with current memories of the same type and
 * speaker. Rejects with `IndexError` or `EmbeddingError` when that cannot be told.
 */
export async function findSkip(
  { index, embedder }: { index: SearchIndex; embedder: Embedder },
  { userId, text, type, speaker }: { userId: string; text: string; type: string; speaker: string | null },
  signal: AbortSignal,
): Promise<Skip | null> {
  const scope = { types: [type], speaker, supersededBy: null };
  const nearest = await index.nearest(userId, await embedder.embed(text), scope, signal);
  if (!nearest) return null;
  const memoryId = nearest.memory.id;
  if (folded(nearest.memory.text) === folded(text)) return { reason: 'exact_duplicate', memoryId };
  const isNear = nearest.cosine >= nearDuplicateCosine && isSameStatement(nearest.memory.text, text);
  return isNear ? { reason: 'near_duplicate', memoryId } : null;
}
