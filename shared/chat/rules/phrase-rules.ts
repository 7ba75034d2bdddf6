import type { Language } from '../personalities/personality';

export type PhraseKind = 'crisis' | 'greeting' | 'thanks' | 'help' | 'overview' | 'list_goals' | 'good' | 'bad';

/** Whole phrases with one meaning. `at`: looked for in the first sentence, or in any. */
export interface PhraseRule {
  kind: PhraseKind;
  language: Language;
  pattern: RegExp;
}

export const phraseRules: readonly PhraseRule[] = [
  {
    kind: 'crisis',
    language: 'en',
    pattern:
      /\b(?:kill(?:ing)? myself|end(?:ing)? my life|hurt(?:ing)? myself|suicid(?:e|al)|(?:want|wanna|going) (?:to )?die|better off dead)\b/,
  },
  {
    kind: 'crisis',
    language: 'es',
    pattern: /\b(?:matarme|suicid\w*|quitarme la vida|(?:quiero|quisiera) morir(?:me)?|hacerme dano)\b/,
  },
  {
    kind: 'greeting',
    language: 'en',
    pattern: /^(?:hi|hello|hey|hiya|yo|good (?:morning|afternoon|evening|day)|i'm back|how are you)\b/,
  },
  {
    kind: 'greeting',
    language: 'es',
    pattern: /^¡?(?:hola|buenas|buenos dias|ya volvi|he vuelto|que tal|como estas)\b/,
  },
  {
    kind: 'thanks',
    language: 'en',
    pattern:
      /^(?:(?:oh|wow|yes),? )*(?:(?:thanks|thank you|many thanks|cheers)\b|(?:that|this|it|you)(?:'ve| have| has)?(?: really| actually)? helped\b|(?:that|this)(?: is| was|'s)(?: so| very| really)? helpful\b)/,
  },
  {
    kind: 'thanks',
    language: 'es',
    pattern: /^¡?(?:(?:muchas |mil )?gracias\b|(?:eso |esto )?me (?:ha ayudado|ayudo|sirvio|ha servido)\b)/,
  },
  { kind: 'help', language: 'en', pattern: /^(?:help$|help[.!?]|what can you do|how (?:does this|do you) work)/ },
  { kind: 'help', language: 'es', pattern: /^¿?(?:ayuda$|ayuda[.!?]|que (?:puedes|sabes) hacer|como funcionas?)/ },
  {
    kind: 'overview',
    language: 'en',
    pattern:
      /\b(?:what (?:else )?(?:do|did|can) you (?:know|remember|recall|have)(?: (?:about|of|on) me\b|\W*$)|(?:know|remember) (?:me\b(?! to)|who i am|anything about me)|who am i\b|what have i told you|what you (?:know|remember) about me)/,
  },
  {
    kind: 'overview',
    language: 'es',
    pattern:
      /\b(?:que (?:mas )?(?:sabes|recuerdas|conoces)(?: (?:de|sobre|acerca de) mi\b(?! \w)|\W*$)|me (?:recuerdas|conoces)\b|te acuerdas de mi\b|quien soy\b|que te he contado|lo que (?:sabes|recuerdas) (?:de|sobre) mi\b(?! \w))/,
  },
  {
    kind: 'list_goals',
    language: 'en',
    pattern:
      /(?:\b(?:what(?:'s| is| are| were)|show(?: me)?|list|tell me|review|how (?:is|are)|how am i doing (?:with|on))\b.{0,20}\bmy (?:\w+ )?(?:goals?|streaks?|targets?|progress)\b|^my (?:goals?|streaks?|progress)\W*$|^how am i doing|\bhow (?:many times|often) (?:did|have) i\b|\bdo i have (?:any )?goals?\b)/,
  },
  {
    kind: 'list_goals',
    language: 'es',
    pattern:
      /(?:\b(?:cual(?:es)?|muestra(?:me)?|lista|dime|como va[ns]?|que)\b.{0,20}\bmis? (?:metas?|objetivos?|rachas?|progreso|avances?)\b|^¿?mis? (?:metas?|objetivos?|racha|progreso)\W*$|^¿?como voy\b|\bcuantas veces (?:he|hice|fui|corri|lei|entrene)\b)/,
  },
  {
    kind: 'good',
    language: 'en',
    pattern:
      /\b(?:i feel|i'm feeling|i am feeling|feeling|i'm|i am)(?: (?:so|very|really|pretty|quite|super|much|in a))* (?:great|good|happy|fantastic|amazing|wonderful|excellent|proud|energi[sz]ed|better|fine|well|excited|good mood)\b(?! at\b)/,
  },
  {
    kind: 'bad',
    language: 'en',
    pattern:
      /\b(?:i feel|i'm feeling|i am feeling|feeling|i'm|i am)(?: (?:so|very|really|pretty|quite|super|a bit|a little|kind of|in a|too))* (?:tired|exhausted|sad|down|stressed|anxious|overwhelmed|burnt out|burned out|depressed|awful|terrible|bad|sick|lonely|unmotivated|drained|bad mood|not (?:so |very |feeling )?(?:good|great|well|happy|fine))\b(?! at\b)/,
  },
  {
    kind: 'good',
    language: 'es',
    pattern:
      /(?<!\bno )\b(?:estoy|me siento|ando)(?: (?:muy|super|bastante|tan|de))* (?:bien|feliz|genial|content[oa]|fenomenal|animad[oa]|orgullos[oa]|mejor|buen humor)\b/,
  },
  {
    kind: 'bad',
    language: 'es',
    pattern:
      /\b(?:estoy|me siento|ando)(?: (?:muy|super|bastante|tan|un poco|de))* (?:cansad[oa]|triste|agotad[oa]|mal|fatal|estresad[oa]|ansios[oa]|deprimid[oa]|desmotivad[oa]|enferm[oa]|sol[oa]|mal humor)\b/,
  },
];

/** A question, with or without its mark: "when did I say …", "¿dónde vivo?", "remind me what …". */
export const question =
  /\?\W*$|^¿|^(?:(?:and|so|y|pero) )?(?:(?:what|when|where|who|which|how|why)(?:'s| is| are| was| were| did| do| does| have| has| had| am| can| should| many| much| often| long)\b|(?:do|did) (?:you|i)\b|(?:remind|tell) me (?:what|when|where|who|which|how|why|about)\b|(?:recuerdame|dime) (?:que|cuando|donde|quien|cual|como)\b)/;

/** "What do you know about Lima?": what follows is asked about. */
export const aboutTopic =
  /\b(?:what (?:else )?(?:do|did|can|have) you (?:know|remember|recall|have|noted|stored)(?: noted| stored)? (?:about|of|on)|que (?:mas )?(?:sabes|recuerdas|conoces|tienes(?: anotado)?) (?:de|sobre|acerca de)) /;

/** "Remember that …": all that follows is to be kept. */
export const rememberThis =
  /^(?:(?:please|por favor),? )?(?:can you |could you )?(?:remember|don't forget|do not forget|(?:make a )?note|keep in mind|recuerda|acuerdate(?: de)?|no olvides|anota|ten en cuenta)(?: down)?(?: that| que|:) ?/;

export const nameGiven = /\b(?:my name(?:'s| is)|me llamo|mi nombre es) /;
/** Names only when a capital follows: "call me later". */
export const nameMaybe = /\b(?:you can call me|call me|llamame) /;
/** Names only after a greeting, when a capital follows: "Hi, I am Ana". */
export const nameAfterGreeting = /(?:^|[ ,.!])(?:i'm|i am|this is|it's|soy) /;

/** Words of the Spanish rules that no English sentence has: short messages hold too few stop words to tell the language by. */
export const spanishWords =
  /\b(?:hoy|ayer|anoche|quiero|quisiera|prefiero|me llamo|soy|estoy|hice|hecho|corri|entrene|lei|medite|camine|nade|termine|cumpli|animo|energia|recuerda|semana)\b/;

/** What to look for when somebody asks for all that is known of them: words that such memories are made of. */
export const overviewQuery: Record<Language, string> = {
  en: 'About me: my name, my work, my family, where I live, what I like, what I want',
  es: 'Sobre mí: mi nombre, mi trabajo, mi familia, dónde vivo, qué me gusta, qué quiero',
};
