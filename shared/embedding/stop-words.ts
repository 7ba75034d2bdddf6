import { stopwords as english } from '@orama/stopwords/english';
import { stopwords as spanish } from '@orama/stopwords/spanish';

/** Words too common to tell one memory from another. The packaged lists, with the corrections below. */

/** Missing in the English list: the article, contractions typed without their apostrophe, and what a split at it leaves. */
const englishAdded =
  'a s t d m ll re ve im ive dont didnt doesnt isnt wasnt cant couldnt wont wouldnt thats whats ya also just';

/** The Spanish list was made for news: these are what a person's own memories are about. */
const spanishKept =
  'actualmente acuerdo ayer b c cinco conocer cuatro d dia dias día días dos embargo empleais emplean emplear empleas empleo f ' +
  'final g general h horas hoy i intentais intentamos intentan intentar intentas intento j k l lejos llegó llevar lugar m ' +
  'mal manera mejor menudo n nunca ocho p pais paìs pasada pasado peor posible primer primera primero primeros principalmente ' +
  'pronto q r raras s segunda segundo seis siempre siete solas sola solo solos t tarde temprano tercera tiempo total trabaja ' +
  'trabajais trabajamos trabajan trabajar trabajas trabajo tres u ultimo valor verdad verdadera verdadero v w x z ' +
  'última últimas último últimos';
const spanishAdded =
  'tienes tenía tenías tuve tuvimos estás estuve estaban eras fuiste será seré has había habías haces hice quiero';

const words = (list: string) => list.split(' ');

/** Without accents: people leave them out when they type, and MiniLM's word pieces have none. */
export const fold = (word: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: plain ASCII has nothing to fold, and is nearly every word
  /^[\x00-\x7f]*$/.test(word)
    ? word
    : word
        .normalize('NFD')
        .replace(/[\u0300-\u036f]/g, '')
        .normalize('NFC');

const kept = new Set(words(spanishKept));
const spanishWords = [...spanish.filter((word) => !kept.has(word)), ...words(spanishAdded)];

/** A short word may be another one without its accent: té is not te. */
const folded = spanishWords.filter((word) => word.length > 3).map(fold);

export const stopWords: Record<'en' | 'es', ReadonlySet<string>> = {
  en: new Set([...english, ...words(englishAdded)]),
  es: new Set([...spanishWords, ...folded]),
};
