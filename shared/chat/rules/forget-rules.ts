import type { Language } from '../personalities/personality';

/** How people ask for something to be forgotten, as the beginning of a folded sentence. Whoever "forgot" or says "don't forget" does not. */

/** `last`: what was said just before. `topic`: all about something, which the last group names. */
export interface ForgetRule {
  kind: 'last' | 'everything' | 'topic';
  language: Language;
  pattern: RegExp;
}

const opener =
  "^(?:(?:please|actually|ok|okay|oh|wait|sorry|hey|and|now|just|also|then|well|never ?mind|(?:can|could|would|will) you(?: please)?|(?:i want|i'd like|i would like|i need) you to|you (?:can|should)|no(?=[,!])),?!? )*";
const abridor =
  '^[¿¡]*(?:(?:por favor|ahora|y|espera|perdona|perdon|bueno|oye|mejor|puedes|podrias|quiero que|no(?=[,!])),?!? )*';
/** The sentence ends, or goes on to something else: "forget that, I moved". */
const end = ' ?(?=$|[.!?…]+$|, )';
const please = '(?:,? (?:please|again|now|right now|ok))*';
const porFavor = '(?:,? (?:por favor|ya|ahora|vale))*';
const verb = '(?:forget|delete|erase)';
const verbo = '(?:olvida|olvidate de|olvidar|borra|borrar|elimina|eliminar|(?<=que )(?:olvides|borres|elimines))';
const told = "i(?:'ve| have)? (?:ever |just )?(?:said|told you|shared|mentioned|wrote|sent)";
const conte =
  '(?:te )?(?:(?:he |acabo de )(?:dicho|contado|escrito|decir(?:te)?|contar(?:te)?|escribir(?:te)?)|dije|conte|escribi)';
const known =
  "you(?:(?: have)? (?:know|remember|have|noted|stored|saved)|(?: have|'ve) (?:noted|stored|saved|learned))";
const sabes = '(?:sabes|recuerdas|tienes(?: anotado| guardado)?|guardas)';
const topic = '(.{2,200}?)';
/** "It" and "him" name nothing: "forget it" is a sigh. */
const notIt = '(?!(?:it|that|this|him|her|them|us|you|me|everything|all|anything|what)\\b)';
const noEso = '(?!(?:eso|esto|ello|el|ella|ellos|ti|mi|todo)\\b(?= ?$|[.,!?]))';

export const forgetRules: readonly ForgetRule[] = [
  {
    kind: 'last',
    language: 'en',
    pattern: new RegExp(
      `${opener}${verb} (?:(?:everything |all )?about )?(?:that(?: last (?:one|message|thing))?|this|what ${told}|(?:the|my) last (?:thing|message|one|sentence)(?: ${told})?)${please}${end}`,
    ),
  },
  {
    kind: 'last',
    language: 'es',
    pattern: new RegExp(
      `${abridor}${verbo} (?:eso|esto|lo ultimo(?: que ${conte})?|lo que ${conte}|mi ultimo mensaje)${porFavor}${end}`,
    ),
  },
  {
    kind: 'everything',
    language: 'en',
    pattern: new RegExp(
      `${opener}${verb} (?:absolutely |all about )?(?:me|everything|anything|all(?: of it)?|all (?:my|your) (?:notes|memories|data|memory))(?: (?:about|on|of) me)?(?: (?:that )?(?:${told}|${known}))?(?: (?:about|on|of) me)?${please}${end}`,
    ),
  },
  {
    kind: 'everything',
    language: 'es',
    pattern: new RegExp(
      `${abridor}${verbo} (?:de )?(?:absolutamente )?(?:tod[oa](?: lo)?|todos (?:mis|tus) (?:datos|recuerdos|notas)|todas (?:mis|tus) notas)(?: (?:de|sobre|acerca de) mi)?(?: que (?:${sabes}|${conte}))?(?: (?:de|sobre|acerca de) mi)?${porFavor}${end}`,
    ),
  },
  {
    kind: 'topic',
    language: 'en',
    pattern: new RegExp(
      `${opener}${verb} (?:(?:everything|all|anything|whatever|what|(?:all |the |my |your |any )*(?:things?|facts?|notes?|memories|memory|stuff))(?: that)?(?: (?:${told}|${known}))? )?(?:about|on|regarding|concerning) ${notIt}${topic}${please}${end}`,
    ),
  },
  {
    kind: 'topic',
    language: 'en',
    pattern: new RegExp(
      `${opener}${verb} (?:that |the fact that )(?=(?:i|i'm|i've|my|we|our|he|she|they|the) )${topic}${please}${end}`,
    ),
  },
  { kind: 'topic', language: 'en', pattern: new RegExp(`${opener}${verb} (?=my )${topic}${please}${end}`) },
  {
    kind: 'topic',
    language: 'es',
    pattern: new RegExp(
      `${abridor}${verbo} (?:tod[oa] |lo |las cosas )(?:lo )?(?:que (?:${conte}|${sabes}) )?(?:de|sobre|acerca de) ${noEso}${topic}${porFavor}${end}`,
    ),
  },
  {
    kind: 'topic',
    language: 'es',
    pattern: new RegExp(`${abridor}${verbo} (?:que |(?=mis? ))${topic}${porFavor}${end}`),
  },
];

/** A question mark is none of a question after these. */
export const politeOpener = /^[¿¡]*(?:(?:please|por favor),? )?(?:can|could|would|will|puedes|podrias)\b/;

const tail =
  "(?:[,.!]? ?(?:please|do it|go ahead|of course|(?:forget|delete|erase) (?:it|them|that|those|it all|them all|all|everything|all of (?:it|them|that))|i am sure|i'm sure|thanks|thank you|por favor|hazlo|adelante|olvida(?:lo|los|la|las)(?: todo)?|borra(?:lo|los|la|las)(?: todo)?|olvida todo|borra todo|gracias|claro|seguro))*";
const yes =
  'yes|yep|yeah|yup|sure|ok|okay|confirm|confirmed|i confirm|do it|go ahead|please do|of course|absolutely|si|claro|claro que si|dale|vale|confirmo|confirmado|adelante|hazlo|por supuesto|de acuerdo|👍';
const no =
  "no|nope|nah|no way|don't|do not|cancel|stop|keep (?:it|them|that|those|everything)|never ?mind|better not|mejor no|no lo hagas|cancela|dejalo|guardalo|todavia no|aun no|not yet|👎";
const noTail =
  "(?:[,.!]? ?(?:please|thanks|thank you|don't|do not|don't forget (?:it|them|that)|keep (?:it|them|that|those|everything)|better not|por favor|gracias|mejor no|no lo hagas|no (?:lo|los|las) (?:olvides|borres)|dejalo|guardalo|cancela))*";

/** A whole message that answers a question, folded and without the marks around it. */
export const answers = {
  yes: new RegExp(`^(?:${yes})${tail}$`),
  no: new RegExp(`^(?:${no})${noTail}$`),
};
