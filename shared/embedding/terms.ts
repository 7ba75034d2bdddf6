import { stemmer as englishStemmer } from '@orama/stemmers/english';
import { stemmer as spanishStemmer } from '@orama/stemmers/spanish';
import { fold, stopWords } from './stop-words';

export type Language = 'en' | 'es';

/** Words as the lexical half of search sees them. Never rejects and never throws, whatever the text. */
export interface Terms {
  /**
   * Stem → how often it stands in the text, stop words left out. A text whose language cannot be told carries the stems
   * of both, so that it meets texts of either: "hermana" alone finds what was said in a Spanish sentence.
   */
  terms(text: string): Map<string, number>;
  /** The stem of one word; of the setting's language, or English under `auto`, unless one is given. */
  stem(word: string, language?: Language): string;
  isStopWord(word: string, language?: Language): boolean;
  /** The setting's language; under `auto` the one whose stop words stand in the text, English when that is not clear. */
  language(text: string): Language;
  /** The languages the text is read in: one where its words tell, under `auto` both where they do not. */
  languages(text: string): Language[];
  /** How lower-case words of this text are read: a content word's stem, null for a stop word. English where it could be both. */
  reader(text: string): (word: string) => string | null;
}

/** One Han or kana character, a number with its decimals or minutes, or a word with its apostrophes and combining marks. */
const wordPattern =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|\p{N}+(?:[.,:]\p{N}+)+|[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:'\p{L}[\p{L}\p{M}]*)*/gu;

const normalise = (text: string) => text.normalize('NFKC').toLowerCase().replace(/[’ʼ]/g, "'");
const split = (text: string): string[] => normalise(text).match(wordPattern) ?? [];

/**
 * Porter's stemmer for English and Snowball's for Spanish (@orama/stemmers), accents folded after it. On LoCoMo, Porter
 * and its successor Porter2 find the same. Spanish "-cion" typed without its accent is put right first.
 */
const stemmers: Record<Language, (word: string) => string> = {
  en: (word) => fold(englishStemmer(word)),
  es: (word) => fold(spanishStemmer(word.replace(/([cs])ion$/, '$1ión'))),
};

const spanishSigns = /[¿¡]/;
const spanishLetters = /[áíóúñ]/;

/** How many words of the text belong to one language only. */
function evidence(text: string, words: string[]): Record<Language, number> {
  const found = { en: 0, es: spanishSigns.test(text) ? 2 : 0 };
  for (const word of words) {
    const english = stopWords.en.has(word);
    const spanish = stopWords.es.has(word);
    if (english && !spanish) found.en++;
    if (spanish && !english) found.es++;
    else if (spanishLetters.test(word)) found.es++;
  }
  return found;
}

/** The languages a text is read in: one where the evidence is one-sided, both otherwise. "Las Vegas" alone is no Spanish. */
function readIn(found: Record<Language, number>): Language[] {
  if (found.en >= 1 && found.en >= 2 * found.es) return ['en'];
  if (found.es >= 2 && found.es >= 2 * found.en) return ['es'];
  return ['en', 'es'];
}

/** `setting` is `MEMORY_LANGUAGE`. */
export function createTerms(setting: 'auto' | Language): Terms {
  const fallback = setting === 'auto' ? 'en' : setting;
  const stem = (word: string, language: Language = fallback) => stemmers[language](normalise(word));
  const isStopWord = (word: string, language: Language = fallback) => stopWords[language].has(normalise(word));

  const languagesOf = (text: string, words = split(text)) =>
    setting === 'auto' ? readIn(evidence(text, words)) : [setting];
  const isStopIn = (languages: Language[], word: string) => languages.some((language) => stopWords[language].has(word));

  return {
    stem,
    isStopWord,
    language: (text) => languagesOf(text)[0] ?? fallback,
    languages: (text) => languagesOf(text),
    reader(text) {
      const languages = languagesOf(text);
      const stemmer = stemmers[languages[0] ?? fallback];
      return (word) => (isStopIn(languages, word) ? null : stemmer(word));
    },
    terms(text) {
      const words = split(text);
      const languages = languagesOf(text, words);
      const counts = new Map<string, number>();
      const count = (word: string) => {
        if (isStopIn(languages, word)) return;
        for (const stem of new Set(languages.map((language) => stemmers[language](word)))) {
          counts.set(stem, (counts.get(stem) ?? 0) + 1);
        }
      };
      for (const word of words) {
        if (!word.includes("'")) count(word);
        else if (!isStopIn(languages, word)) word.split("'").forEach(count);
      }
      return counts;
    },
  };
}
