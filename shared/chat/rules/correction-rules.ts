import type { Language } from '../personalities/personality';

/** How people say that something about them is wrong, as the beginning of a folded sentence. What is right comes after. */
export interface CorrectionRule {
  language: Language;
  pattern: RegExp;
}

/** Something follows after a mark or a "because", or nothing does: "that's not true for my brother" corrects nobody. */
const seam =
  '(?: ?[.!…]+$|$| ?[,.;:!–-]+ ?(?:because |actually,? |in fact,? |porque |en realidad,? )?| (?:because|porque|en realidad) )';

export const corrections: readonly CorrectionRule[] = [
  {
    language: 'en',
    pattern: new RegExp(
      `^(?:(?:no|sorry|wait|hey|actually|hmm|oh|but|nope)[,.!]* )*(?:(?:that's|that is|this is|it's|you're|you are) (?:all |just |simply |actually |quite |completely )?(?:wrong|incorrect|mistaken|false|outdated|out of date|not (?:right|true|correct|so)|no longer (?:right|true|correct))|that isn't (?:right|true|correct)|you got (?:that|it|me) wrong)(?: any ?more| about (?:me|that))?${seam}`,
    ),
  },
  {
    language: 'es',
    pattern: new RegExp(
      `^¡?(?:(?:no|perdon|perdona|oye|espera|pero)[,.!]+ ?)*(?:(?:eso|esto) )?(?:ya )?(?:no es (?:cierto|verdad|correcto|asi)|es (?:falso|incorrecto|mentira)|esta mal|te equivocas|estas equivocad[oa])(?: ya)?${seam}`,
    ),
  },
  // A bare "no" corrects only where a lasting fact follows; else it answers something.
  {
    language: 'en',
    pattern:
      /^(?:(?:no|nope|nah|wrong|actually)[,.!]* )+(?=(?:i|we) (?:now |actually |just |no longer |don't )?(?:live|work|moved|come from|stud(?:y|ied) (?:at|in)|was born|grew up)\b|(?:i'm|i am) (?:from|called|now|actually|\d)|my (?!goals?\b)\w+(?: \w+)? (?:is (?:called|named|from|in|now|actually)|lives|works|was born)\b|my name (?:is|'s)\b)/,
  },
  {
    language: 'es',
    pattern:
      /^(?:(?:no[,.!]+|en realidad,?) )+(?=(?:ahora |ya no |yo |me )*(?:vivo|trabajo|me mude|mude|me llamo|llamo|soy|estudio en|naci)\b|mi (?!meta|objetivo)\w+ (?:vive|trabaja|se llama|nacio|ahora)\b)/,
  },
];
