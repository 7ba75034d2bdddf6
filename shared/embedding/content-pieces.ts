import type { ContentPiece } from './token-vectors';

interface Word {
  text: string;
  /** Where its pieces stand among all pieces: from `start`, up to and without `end`. */
  start: number;
  end: number;
}

/** Word pieces back to words: a piece that begins with ## continues the one before. */
function toWords(pieces: string[]): Word[] {
  const words: Word[] = [];
  pieces.forEach((piece, index) => {
    const last = words.at(-1);
    if (last && piece.startsWith('##')) {
      last.text += piece.slice(2);
      last.end = index + 1;
    } else {
      words.push({ text: piece, start: index, end: index + 1 });
    }
  });
  return words;
}

/** Neither punctuation nor one of the tokenizer's own marks, such as [UNK]. */
const isWord = (text: string) => /^[\p{L}\p{N}]/u.test(text);

/**
 * The pieces that belong to content words. `stemOf` gives a word's stem, or null for a stop word. The tokenizer parts
 * "don't" into three; they are put together again to be looked up. Positions count the model's [CLS] in front.
 */
export function findContentPieces(pieces: string[], stemOf: (word: string) => string | null): ContentPiece[] {
  const words = toWords(pieces);
  const content: ContentPiece[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Word;
    if (!isWord(word.text)) continue;
    const apostrophe = words[i + 1]?.text;
    const rest = words[i + 2]?.text;
    if ((apostrophe === "'" || apostrophe === '’') && rest && stemOf(`${word.text}'${rest}`) === null) {
      i += 2;
      continue;
    }
    const stem = stemOf(word.text);
    if (stem === null) continue;
    for (let position = word.start; position < word.end; position++) content.push({ position: position + 1, stem });
  }
  return content;
}
