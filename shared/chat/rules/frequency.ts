import type { Target } from '../streak';

/** How often, as people write it. All patterns of rules/ look at folded text: lower case, no accents, single spaces. */

const numberWords: Record<string, number> = {
  ...{
    one: 1,
    two: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    eleven: 11,
    twelve: 12,
  },
  ...{ fifteen: 15, twenty: 20, thirty: 30, once: 1, twice: 2, thrice: 3 },
  ...{
    un: 1,
    una: 1,
    uno: 1,
    dos: 2,
    tres: 3,
    cuatro: 4,
    cinco: 5,
    seis: 6,
    siete: 7,
    ocho: 8,
    nueve: 9,
    diez: 10,
    doce: 12,
  },
  ...{ quince: 15, veinte: 20, treinta: 30 },
};

/** A number of up to three digits, or as a word, English or Spanish. */
export const numberPattern = `(?:\\d{1,3}(?:[.,]\\d)?(?!\\d)|${Object.keys(numberWords).join('|')})`;

/** What `numberPattern` matched, rounded; halves go up. */
export const toNumber = (word: string): number => numberWords[word] ?? Math.round(Number(word.replace(',', '.')));

const periodWords: Record<string, Target['period']> = {
  ...{ day: 'day', daily: 'day', morning: 'day', afternoon: 'day', evening: 'day', night: 'day' },
  ...{ dia: 'day', manana: 'day', tarde: 'day', noche: 'day' },
  ...{ week: 'week', weekly: 'week', semana: 'week', month: 'month', monthly: 'month', mes: 'month' },
};
const periods = Object.keys(periodWords).join('|');
const weekdays = '(?:mon|tues|wednes|thurs|fri|satur|sun)day|lunes|martes|miercoles|jueves|viernes|sabado|domingo';
const weekday = new RegExp(weekdays, 'g');
const listOf = (item: string) => `${item}(?:(?:, and|,| and| y|, y) ${item}){0,6}`;

interface FrequencyRule {
  pattern: RegExp;
  toTarget(match: RegExpExecArray): Target;
}

const periodOf = (word = 'week') => periodWords[word] ?? 'week';

/** The first rule that matches at a place wins there. */
const rules: FrequencyRule[] = [
  {
    // "three times a week", "twice a day", "3x/week", "3 times weekly", "tres veces por semana", "una vez al mes"
    pattern: new RegExp(
      `\\b(${numberPattern}) ?(?:times?|days?|x|vez|veces|dias?)?(?: ?/ ?| (?:a|an|per|each|every|al|a la|por|cada) | (?=daily|weekly|monthly))(${periods})\\b`,
      'g',
    ),
    toTarget: ([, count = '1', period]) => ({
      count: Math.min(100, Math.max(1, toNumber(count))),
      period: periodOf(period),
    }),
  },
  {
    // "every Monday and Thursday", "on Tuesdays", "los lunes y jueves"
    pattern: new RegExp(
      `\\b(?:(?:every|each|cada|los|todos los) ${listOf(`(?:${weekdays})s?`)}|on ${listOf(`(?:${weekdays})s`)})\\b`,
      'g',
    ),
    toTarget: ([all]) => ({ count: new Set(all.match(weekday)).size, period: 'week' }),
  },
  { pattern: /\bevery weekday\b|\bentre semana\b/g, toTarget: () => ({ count: 5, period: 'week' }) },
  {
    // "every day", "20 pages a day", "cada manana", "20 paginas al dia"; not "for a week"
    pattern: new RegExp(
      `(?<!\\b(?:for|in|within|during|en|durante))(?<! (?:what|such)) (?:a|per|each|every|every single|al|a la|por|por la|cada) (${periods})\\b|^(?:every|each|every single|cada) (${periods})\\b`,
      'g',
    ),
    toTarget: ([, later, first]) => ({ count: 1, period: periodOf(later ?? first) }),
  },
  {
    pattern: /\b(?:daily|diari[oa]s?|diariamente|a diario|todos los dias|todas las (?:mananas|tardes|noches))\b/g,
    toTarget: () => ({ count: 1, period: 'day' }),
  },
  { pattern: /\b(?:weekly|semanalmente|todas las semanas)\b/g, toTarget: () => ({ count: 1, period: 'week' }) },
  { pattern: /\b(?:monthly|mensualmente|todos los meses)\b/g, toTarget: () => ({ count: 1, period: 'month' }) },
];

export interface Frequency {
  target: Target;
  start: number;
  end: number;
}

/** Every frequency in a folded text, in order, none overlapping another. */
export function findFrequencies(folded: string): Frequency[] {
  const found: Frequency[] = [];
  for (const { pattern, toTarget } of rules) {
    for (const match of folded.matchAll(pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      if (found.every((other) => end <= other.start || start >= other.end))
        found.push({ target: toTarget(match), start, end });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}
