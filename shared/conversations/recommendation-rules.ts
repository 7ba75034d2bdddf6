import type { Language } from '../embedding/terms';

/** What recommendations are made from. Patterns meet text in lower case without accents: "sé" is "se" in them. */

export const ruleNames = [
  'rescheduled_twice',
  'interest_rising',
  'unanswered_question',
  'high_interest_lead_without_follow_up',
] as const;
export type RuleName = (typeof ruleNames)[number];

export const bounds = {
  /** Older exchanges and leads count for no rule. */
  days: 90,
  reschedules: 2,
  /** Exchanges with buying words: so many in the later half, and so many more than in the earlier one. */
  buying: 2,
  buyingMore: 2,
  /** How long a lead of high interest may wait. */
  followUpDays: 3,
};

/** What a caller says who moves an appointment. */
export const reschedule = new RegExp(
  [
    String.raw`\bre-?schedul(?:e|ing)\b|\bpostpone\b|\bpush (?:it |the \w+ )?back\b|\b(?:another|a different) (?:day|date|time)\b`,
    String.raw`\b(?:move|change|shift) (?:my|the|our) (?:appointment|visit|meeting|call|viewing|date|time)\b`,
    String.raw`\breagend|\breprogram|\bposterg|\baplaz|\bpospon|\botr[ao] (?:dia|fecha|hora|horario)\b|\bpara mas adelante\b`,
    String.raw`\b(?:cambi|mov|muev|corr)\w* (?:la|el|mi|nuestr[ao]) (?:cita|visita|hora|reunion|llamada|fecha|horario)\b`,
  ].join('|'),
);

/** What a caller says who is about to buy. */
export const buying = new RegExp(
  [
    String.raw`\b(?:buy|purchase|sign up|sign the|contract|deposit|down payment|invoice|quote|how much|price|cost|costs|discount|reserve|book it)\b`,
    String.raw`\bfinanc\w+|\bmove in\b`,
    String.raw`\b(?:comprar\w*|compro|contratar\w*|contrato|firmar\w*|reservar\w*|reservo|precio|cotizacion|descuento|pagar|cuota inicial)\b`,
    String.raw`\bcuanto (?:cuesta|vale|sale|seria)\b`,
  ].join('|'),
);

/** Before a phrase it takes it back: "no need to reschedule", "no quiero comprar". "I can't come, can we reschedule" stays. */
export const takenBack = new RegExp(
  [
    String.raw`\b(?:no (?:need|reason|intention)|not (?:going|interested|ready|planning|want)|never|without|won't|will not`,
    "|(?:don't|do not|didn't)(?: really| even)? (?:want|need|have|plan|wish|intend)",
    '|no (?:quiero|queria|quisiera|necesito|necesitamos|hace falta|hay que|es necesario|voy a|vamos a|pienso|deseo)',
    String.raw`|no me interesa|nunca|sin)(?: [\w']+){0,2} $`,
  ].join(''),
);

/** What an agent says who leaves a question open. "I will call you at five" and "le confirmo que sí" leave nothing open. */
export const leftOpen = new RegExp(
  [
    String.raw`\bi (?:don't|do not) (?:know|have (?:that|this|the|any) (?:information|detail|answer|data|date|price|number))`,
    String.raw`\bi(?:'m| am) not sure\b|\bback to you\b|\b(?:call|ring|phone) you back\b|\blet you know\b`,
    String.raw`\b(?:i'll|i will|let me|i have to|i need to) (?:find out|look into|ask|check with)\b`,
    String.raw`\bno lo se\b|\bno se (?:eso|la respuesta|decirle|decirte|si|cuan\w+|cual|donde)\b|\bno sabria\b|\bno estoy segur[oa]\b`,
    String.raw`\bno (?:tengo|dispongo de|cuento con) (?:esa|ese|la|el) (?:informacion|dato|respuesta|detalle|precio|fecha)\b`,
    String.raw`\blo (?:averiguo|consulto|verifico|pregunto)\b|\b(?:averiguar|averiguare|consultarlo|preguntarlo)\b`,
    String.raw`\b(?:devuelvo|devolvemos|devolvere|devolveremos) la llamada\b`,
    String.raw`\b(?:le|te|lo|la) (?:llamo|llamare|llamaremos) (?:de vuelta|luego|mas tarde|cuando)\b`,
    String.raw`\b(?:le|te|lo|la) (?:aviso|avisare|avisamos|avisaremos|confirmare|confirmaremos)\b(?! que)`,
  ].join('|'),
);

/** With its mark, or, as speech recognition writes it, by its first word. "Que tenga buen día" is none. */
export const question =
  /[?¿]|^(?:(?:and|so|but|ok|okay|y|pero|entonces|oye),? )?(?:what|when|where|who|which|how|why|is|are|do|does|did|can|could|will|would|cual|cuales|cuant[oa]s?|por que|que (?:precio|valor|dia|hora|incluye)) /;

/** A known level of interest, from 1 to 3. */
export const levels = new Map([
  ...['low', 'cold', 'baja', 'bajo', 'poca', 'poco'].map((word): [string, number] => [word, 1]),
  ...['medium', 'moderate', 'warm', 'media', 'medio', 'mediana'].map((word): [string, number] => [word, 2]),
  ...['high', 'very high', 'hot', 'alta', 'alto', 'muy alta', 'muy alto'].map((word): [string, number] => [word, 3]),
]);
export const highest = 3;

type Sentence = (known: { count: number; days: number; quote: string }) => string;

/** A sentence to act on. */
export const sentences: Record<RuleName, Record<Language, Sentence>> = {
  rescheduled_twice: {
    en: ({ count }) =>
      `Asked ${count} times to move an appointment: offer two fixed times and confirm one in this call.`,
    es: ({ count }) =>
      `Pidió ${count} veces cambiar la cita: ofrece dos horarios fijos y confirma uno en esta llamada.`,
  },
  interest_rising: {
    en: () => 'Interest is rising: suggest the next step, such as a visit, an offer or a contract.',
    es: () => 'El interés va en aumento: propón el siguiente paso, como una visita, una oferta o un contrato.',
  },
  unanswered_question: {
    en: ({ quote }) => `The last question is still open: answer it first. “${quote}”`,
    es: ({ quote }) => `La última pregunta sigue sin respuesta: contéstala primero. «${quote}»`,
  },
  high_interest_lead_without_follow_up: {
    en: ({ days }) => `A lead of high interest has had no follow-up for ${days} days: take it up again now.`,
    es: ({ days }) => `Un lead de alto interés lleva ${days} días sin seguimiento: retómalo ahora.`,
  },
};
