import type { Utterance } from './provider';

/**
 * What is worth keeping of what was said, by rule, where no model is configured: statements stay, small talk and questions go.
 * Better too much than too little: a sentence is dropped only when a rule below says so.
 */

/** Whole sentences that carry nothing, English and Spanish. */
const smallTalk = new Set(
  `hi|hey|hello|hello there|hi there|hey there|yo|good morning|good afternoon|good evening|good night|bye|goodbye|see you|see you later|talk soon|take care
  ok|okay|k|kk|yes|yeah|yep|yup|no|nope|nah|sure|sure thing|of course|maybe|right|exactly|true|fine|all right|alright|got it|i see|makes sense|sounds good|great|cool|nice|awesome|perfect|wow|oh|haha|lol|hmm
  thanks|thank you|thank you so much|thanks a lot|many thanks|you are welcome|no problem|no worries|sorry|please|how are you|what is up|nice to meet you
  hola|buenas|buenos días|buenas tardes|buenas noches|adiós|chao|hasta luego|nos vemos|sí|si|claro|vale|bueno|ya|dale|listo|perfecto|genial|gracias|muchas gracias|de nada|perdón|por favor|entiendo|qué tal|cómo estás|mucho gusto`
    .split(/[|\n]/)
    .map((phrase) => phrase.trim()),
);

const openers = /^(?:(?:hi|hey|hello|oh|well|so|ok|okay|hola|bueno|pues)\b[\s,!.]*)+/iu;
const question =
  /\?\s*$|^¿|^(?:what|who|where|when|why|how|which|do you|can you|could you|would you|will you|is there|are you)\b/iu;

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

const normalise = (sentence: string) =>
  sentence
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/\b(what|how|that)'s\b/g, '$1 is')
    .replace(/[^\p{L}\p{N}\s']+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** Whether a sentence states something: at least two words, or one that is no small talk, and no question. */
export function isSalient(sentence: string): boolean {
  const words = normalise(sentence);
  if (words === '' || smallTalk.has(words) || smallTalk.has(normalise(sentence.replace(openers, '')))) return false;
  return !question.test(sentence.trim().replace(openers, ''));
}

/**
 * The facts in a conversation: for each thing the person said (not the assistant, not the system), its sentences that state
 * something, in their order and in their own words. [] when nothing is worth keeping.
 */
export function extractFacts(utterances: Utterance[]): Utterance[] {
  return utterances
    .filter((utterance) => utterance.role === 'user')
    .map((utterance) => {
      const kept = [...sentences.segment(utterance.content)].map(({ segment }) => segment.trim()).filter(isSalient);
      return { ...utterance, content: kept.join(' ') };
    })
    .filter((utterance) => utterance.content !== '');
}
