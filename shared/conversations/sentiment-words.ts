import type { Language } from '../embedding/terms';

/** What the lexicon needs in a call: AFINN was made for tweets, and its Spanish by machine from the English. Without accents and case. */

/** 0 takes a word out. */
export const corrections: Record<Language, Record<string, number>> = {
  en: { no: 0, want: 0, pay: 0, cut: 0, help: 0, miss: 0, big: 0, huge: 0, drop: 0, expensive: -2, cheap: 1, slow: -1 },
  es: {
    ...{
      no: 0,
      si: 0,
      solo: 0,
      uf: 0,
      favor: 0,
      claro: 0,
      mayor: 0,
      valor: 0,
      tipo: 0,
      tiempo: 0,
      derecho: 0,
      paga: 0,
    },
    ...{
      autor: 0,
      impar: 0,
      moda: 0,
      salir: 0,
      subir: 0,
      carga: 0,
      corte: 0,
      puro: 0,
      sol: 0,
      late: 0,
      ora: 0,
      dona: 0,
    },
    ...{ telar: 0, tapas: 0, venga: 0, frase: 0, ducha: 0, rosa: 0, negro: 0, gris: 0, ayuda: 0, esperar: 0, fuego: 0 },
    ...{ bien: 2, gusta: 2, gustan: 2, encanta: 3, encantan: 3, lindo: 2, barato: 2, listo: 1, descuento: 1 },
    ...{ caro: -2, pesimo: -3, fatal: -3, demora: -1, reclamo: -2, carisimo: -3 },
  },
};

/** They turn round what follows. */
export const negators: Record<Language, ReadonlySet<string>> = {
  en: new Set(
    'not no never none nobody nothing nor without hardly cannot cant dont doesnt didnt isnt wasnt wont'.split(' '),
  ),
  es: new Set('no nunca jamas tampoco ni sin nada nadie'.split(' ')),
};

/** Politeness and comparisons, whose words say nothing of how somebody feels. */
export const idioms: Record<Language, RegExp> = {
  en: /\b(?:would|'d) like\b|\b(?:looks?|feels?|sounds?|seems?) like\b|\bkind of\b|\bno problem\b/g,
  es: /\bme gustaria\b|\bpor favor\b|\bno hay problema\b/g,
};

/** What ends a clause, and with it what a negator reaches. */
export const clauseEnd = /[.,;:!?¡¿\n]|\b(?:but|although|however|pero|aunque|sino)\b/;
