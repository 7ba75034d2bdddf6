/** How names are compared; see docs/decisions/2026-11-21-conversations.md. Pure. */

/** Letters of Latin alphabets that Unicode does not take apart into a letter and a mark. */
const letters: Record<string, string> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ħ: 'h', ı: 'i', ŋ: 'n', ŧ: 't', ĸ: 'k' },
};
const letter = new RegExp(`[${Object.keys(letters).join('')}]`, 'g');

/** Marks that a spelling may leave out. In other scripts, the Indian ones for example, they are vowels. */
const accent =
  /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}]\p{M}*)\p{M}/gu;

/** A name without accents, case, punctuation and spaces too many; empty where there is nothing else to it. */
export const foldName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(accent, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(letter, (found) => letters[found] ?? found)
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim();

/** The runs of three characters of each word, with two spaces before it and one after it: "Trigram Concepts", PostgreSQL documentation, pg_trgm. */
export function trigramsOf(folded: string): string[] {
  const found = new Set<string>();
  for (const word of folded.split(' ').filter((part) => part !== '')) {
    const characters = ['  ', ...word, ' '].flatMap((part) => [...part]);
    for (let i = 0; i + 3 <= characters.length; i++) found.add(characters.slice(i, i + 3).join(''));
  }
  return [...found];
}

/**
 * From where on two names are alike: the share of their trigrams that they have in common, of all that they have. A letter left out or
 * changed stays above it (`Tomas` and `Thomas` .44, `Jon Smith` and `John Smith` .62), as does a name without the surname (.5); two people with only a common first name stay below (`Maria Lopez` and `Maria Garcia` .32).
 */
export const alike = 0.4;

/**
 * Of a name's trigrams those of which any name alike has one at least: it shares `alike` of them, so that many may be left out, and the
 * ones left out are those that most names share, the beginnings of words.
 */
export function decisiveTrigrams(trigrams: readonly string[]): string[] {
  const enough = trigrams.length - Math.ceil(alike * trigrams.length) + 1;
  return trigrams.toSorted((a, b) => spaces(a) - spaces(b)).slice(0, enough);
}

const spaces = (trigram: string) => trigram.length - trigram.trimStart().length;
