/** What works for a person, as people say it. */

const day = '(morning|afternoon|evening|night)s?';
const dia = '(manana|tarde|noche)s?';

export const timeOfDayRules = [
  new RegExp(
    `(?<!\\b(?:this|good|one|last) )\\b${day}\\b[^,]{0,40}\\b(?:works?|is|are|suits?|feels?) (?:me )?(?:really |much |so |the )?(?:best|better|well|great|good|perfect|for me)\\b`,
  ),
  new RegExp(`\\bi(?:'m| am) (?:more of )?an? (?:early )?${day} (?:person|owl)\\b`),
  new RegExp(`\\bi(?: really| do| also)? prefer (?:(?:to )?\\w+ (?:in|at) )?(?:the |my )?(?:early )?${day}\\b`),
  new RegExp(`\\b(?:motivate|remind|message|text|nudge|write|write to) me (?:in|at|every|during)(?: the)? ${day}\\b`),
  new RegExp(
    `\\b(?:prefiero|rindo (?:mas|mejor)|me (?:va|van|viene|vienen|funciona|funcionan)(?: mejor| bien)?)(?: \\w+){0,2} (?:la|las|de) ${dia}\\b`,
  ),
  new RegExp(
    `\\b(?:la|las|de) ${dia}(?: \\w+){0,2} (?:es|son|me (?:va|van|viene|vienen)|me funciona|me funcionan|funciona|funcionan)(?: mejor(?:es)?| bien| para mi)?\\b`,
  ),
  /\bmotivacion (matutina|vespertina|nocturna)\b/,
] as const;

export const timesOfDay = {
  morning: 'morning',
  afternoon: 'afternoon',
  evening: 'evening',
  night: 'night',
  manana: 'morning',
  matutina: 'morning',
  tarde: 'afternoon',
  vespertina: 'afternoon',
  noche: 'night',
  nocturna: 'night',
} as const;

/** A personality asked for by its name. */
export const byName = (names: string) =>
  new RegExp(
    `\\b(?:prefer|switch(?: back)? to|change to|use|be(?: my| a| an| the)|(?:talk|speak)(?: to me)? (?:like|as)|act (?:like|as)|prefiero|cambia a|usa|se mi|habla(?:me)? como)(?: the| a| an| my| el| la| un| una| modo| estilo)* (${names})\\b`,
  );
/** A personality asked for by a word for it, together with "style", "mode" and the like. */
export const byStyle = (aliases: string) =>
  new RegExp(
    `\\b(?:prefer|like|love|want|switch|use|try|change|give me|prefiero|quiero|usa|cambia|pon|gusta)\\b.{0,30}\\b(?:(${aliases}) (?:style|mode|coach|coaching|personality|voice|tone|one|approach)|(?:estilo|modo|tono|personalidad|voz) (?:mas )?(${aliases}))\\b`,
  );

/** Likes, dislikes and what works, kept in the person's own words. */
export const liking =
  /\b(?:i (?:really |absolutely |also |just |do )?(?:prefer|like|love|enjoy|hate|dislike)|i (?:can't stand|don't like|do not like)|my favou?rite|i(?:'m| am) (?:allergic|vegan|vegetarian)|works? (?:well |best |better |great )?for me|prefiero|(?:no )?me (?:gusta|encanta|molesta|funciona)n?|odio|detesto|mis? \w+ favorit[oa]s?|soy (?:alergic[oa]|vegan[oa]|vegetarian[oa]))\b/;

export const negated = /\b(?:don't|do not|doesn't|does not|didn't|never|not|isn't|aren't|no|nunca|tampoco)\b/;
