/**
 * What the words of a memory or a question give away without understanding them, in English and Spanish: does it ask,
 * does it say when, does it count. All look at folded text: lower case, accents off.
 */

/** What a stored text is, for ranking. Computed once a memory. */
export interface TextCues {
  isQuestion: boolean;
  hasTime: boolean;
  hasNumber: boolean;
}

/** What a query asks for. */
export interface QueryCues {
  asksWhen: boolean;
  asksHowMany: boolean;
  /** Every word of the query, folded; a speaker is named when one of their names is among them. */
  words: ReadonlySet<string>;
}

const any = (...alternatives: string[]) => new RegExp(`\\b(?:${alternatives.join('|')})\\b`);

const timeUnits =
  'seconds?|minutes?|hours?|days?|nights?|weeks?|weekends?|months?|years?|decades?|segundos?|minutos?|horas?|dias?|noches?|semanas?|mes|meses|anos?|decadas?';
const numberWords =
  'two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|twenty|thirty|forty|fifty|hundreds?|thousands?|once|twice|both|couple|several|' +
  'dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|docenas?|veinte|treinta|cuarenta|cincuenta|cien|cientos|mil|ambos|ambas|varios|varias|par';

const time = any(
  'today|tonight|yesterday|tomorrow|recently|lately|ago|since|hoy|ayer|anoche|manana|recientemente|ultimamente|desde|hace',
  '(?:mon|tues|wednes|thurs|fri|satur|sun)days?|lunes|martes|miercoles|jueves|viernes|sabados?|domingos?',
  'january|february|march|april|june|july|august|september|october|november|december',
  'enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre',
  'spring|summer|autumn|winter|christmas|thanksgiving|easter|birthday|anniversary|primavera|verano|otono|invierno|navidad|cumpleanos|aniversario',
  `(?:last|next|this|past|few|couple of|every|other|\\d+|${numberWords}) (?:morning|evening|${timeUnits})`,
  `(?:${timeUnits}) (?:pasad[oa]s?|proxim[oa]s?|que viene|ago)`,
  `(?:proxim[oa]|ultim[oa]|est[ea]|cada) (?:${timeUnits})`,
  '(?:in|on|by|during|of|until) may|may (?:\\d{1,2}|(?:19|20)\\d\\d)|\\d{1,2}(?:st|nd|rd|th)|(?:19|20)\\d\\d|\\d{1,2}(?::\\d\\d)? ?[ap]\\.?m',
);
const number = new RegExp(`\\d|${any(numberWords).source}`);
const when = any(
  'when|how long|how recently|since when|(?:what|which) (?:day|date|week|weekend|month|season|year|time|decade)',
  'cuando|cuanto tiempo|desde cuando|(?:que|cual|en que) (?:dia|fecha|semana|mes|estacion|ano|hora|epoca)',
);
const howMany = any('how many|how often|how much|cuant[oa]s|cuantas veces|cada cuanto');

/** Lower case without accents, so that one pattern meets "cuándo" and "Cuando". */
export function fold(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
}

/** The cues of a stored text. */
export function textCues(text: string): TextCues {
  const folded = fold(text);
  return { isQuestion: /\?\s*$/.test(folded), hasTime: time.test(folded), hasNumber: number.test(folded) };
}

/** The cues of a query. */
export function queryCues(text: string): QueryCues {
  const folded = fold(text);
  return { asksWhen: when.test(folded), asksHowMany: howMany.test(folded), words: new Set(wordsOf(folded)) };
}

/** Whether a query names this speaker, by any of their names: "Ana María" is named by "ana" as by "María". */
export function namesSpeaker(query: QueryCues, speaker: string): boolean {
  return wordsOf(fold(speaker)).some((name) => name.length > 1 && query.words.has(name));
}

const wordsOf = (folded: string): string[] => folded.match(/[\p{L}\p{N}]+/gu) ?? [];
