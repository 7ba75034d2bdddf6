import { favouriteOf, namedOf, relationOf } from './claim-words';

/** How what follows a pattern is read; see facts/claim-values.ts. */
export type ClaimKind =
  | 'place'
  | 'profession'
  | 'employer'
  | 'name'
  | 'diet'
  | 'maritalStatus'
  | 'number'
  | 'day'
  | 'time'
  | 'measure'
  | 'contact'
  | 'phrase'
  | 'nothing';

/**
 * How people say of themselves what can only be one thing at a time. Patterns look at a folded clause without what opens it ("well, now")
 * and without its negation, from its beginning, so that what somebody else says, thinks or dreams of is none. `of`: whom or what it is
 * about; `who`: that one's name.
 */
export interface ClaimRule {
  slot: string;
  kind: ClaimKind;
  pattern: RegExp;
  /** Says that what was is no more. */
  isOver?: boolean;
  /** Lower-case words are none of these: too much else is said that way. */
  isStrict?: boolean;
}

/** "I", with what may stand between it and the verb. People leave it out: "Moved to Lima!" */
const fillers =
  '(?:(?:do|does|have|has|been|now|currently|recently|just|still|also|finally|really|actually|already|usually|always|normally|only) )*';
const i = `(?:(?:i've|(?:i|(?:the )?user) )? ?${fillers})`;
const be = `(?:(?:i|(?:the )?user) ${fillers}(?:am|is|be|being|became|have become|have been)|i'm|im|i've been) ${fillers}`;
const yo = '(?:(?:yo|ahora|ya|actualmente|todavia|aun|tambien|por fin|hoy|me|nos|he) )*';
const alternatives = (words: ReadonlyMap<string, string>) => [...words.keys()].join('|');
const kin = `(?:my|mi|mis) (?<of>${alternatives(relationOf)})(?:,? (?<who>(?!who\\b|is\\b|has\\b|now\\b|just\\b|works?\\b|lives?\\b|moved\\b|trabaja\\b|vive\\b|se\\b|es\\b|ya\\b|ahora\\b)\\p{L}+),?)? ?${fillers}(?:(?:ahora|ya|tambien|se) )*`;
const rule = (
  slot: string,
  kind: ClaimKind,
  pattern: string,
  more: Pick<ClaimRule, 'isOver' | 'isStrict'> = {},
): ClaimRule => ({
  ...{ slot, kind, ...more },
  pattern: new RegExp(`^${pattern}`, 'u'),
});

const moved = '(?:moved|relocated)(?: back| out| over| here| house)?(?: from [\\p{L} ]{2,30}?)? to ';
const mude = '(?:mude|mudo|mudamos|traslade|traslado)(?: de nuevo| desde [\\p{L} ]{2,30}?| de [\\p{L} ]{2,30}?)? a ';
const number =
  '(?=\\d|one |two |three |four |five |six |seven |eight |nine |un |una |dos |tres |cuatro |cinco |seis |siete )';

export const claimRules: readonly ClaimRule[] = [
  rule(
    'home',
    'place',
    `(?:(?:${i}|we ${fillers})(?:live|lives|living) in|i'm (?:now |currently |still )*(?:living|based) in|${be}(?:living|based) in|my home is in|i reside in) `,
  ),
  rule('home', 'place', `(?:${i}|we ${fillers})${moved}`),
  rule('home', 'place', `${yo}(?:vivo|vivimos|viviendo|vivir|resido|estoy viviendo) en `),
  rule('home', 'place', `(?:${yo}${mude}|${yo}mudado a )`),
  rule('home', 'place', `${kin}(?:live|lives|is living|vive|viven) (?:in|en) `),
  rule('home', 'place', `${kin}(?:${moved}|${mude})`),
  rule('origin', 'place', `(?:${be}(?:originally )?from|${i}come originally from|i originally come from) `, {
    isStrict: true,
  }),
  rule('origin', 'place', `${yo}(?:soy|ser) (?:originari[oa] )?de `, { isStrict: true }),
  rule('birthplace', 'place', '(?:i (?:was|were) born in|naci en) ', { isStrict: true }),

  rule(
    'job',
    'profession',
    `(?:${be}|${i}(?:work|works|working|got (?:a |the )?(?:new )?job|started(?: working)?|start working) as )(?:an?|the) (?:new )?`,
  ),
  rule('job', 'profession', `${yo}(?:soy|ser|hice|trabajo (?:como|de)|trabajar (?:como|de)) (?:una? )?`),
  rule(
    'job',
    'profession',
    `${kin}(?:(?:is|works as|is working as) (?:an?|the)|(?:es|trabaja (?:como|de))(?: una?)?) `,
  ),
  rule(
    'employer',
    'employer',
    `(?:${i}|${be})(?:work|works|working|got a (?:new )?job|started(?: working| a job)?|start working) (?:at|for|with) `,
  ),
  rule('employer', 'employer', `(?:i joined|${yo}(?:trabajo|trabajar) para) `),
  rule('employer', 'employer', "i(?:'ve)? (?:just )?(?:left|quit|resigned from|quit my job at|left my job at) ", {
    isOver: true,
    isStrict: true,
  }),
  ...['job', 'employer'].map((slot) =>
    rule(
      slot,
      'nothing',
      `(?:i(?:'ve)? (?:just )?(?:quit|left|lost|resigned from) my job\\b|i (?:was|got|have been) (?:fired|laid off)\\b|${be}(?:unemployed|out of work|retired)\\b|i retired\\b|${yo}(?:renuncie(?: a mi trabajo| al trabajo)?|perdi (?:mi|el) trabajo|despidieron|jubile|deje mi trabajo)(?=$|[.,;!]| )|${yo}(?:estoy|soy) (?:desemplead[oa]|jubilad[oa]|sin trabajo)\\b)`,
      { isOver: true },
    ),
  ),

  rule('name', 'name', "(?:i'm|i am) called ", { isStrict: true }),
  rule('name', 'name', "(?:my name(?:'s| is| be)|(?:yo )?me llamo|mi nombre es) "),
  rule(
    'age',
    'number',
    `(?:${be}|i (?:just |have just )?turned )(?=\\d{1,3}(?: years? old| years of age| yo\\b| y/o|$|[.,;!](?!\\d)| (?:now|today|yesterday|and|but)\\b))`,
  ),
  rule('age', 'number', `${yo}(?:tengo |cumpli )(?=\\d{1,3} anos(?! de (?!edad)))`),
  rule('birthday', 'day', "(?:my birthday(?:'s| is| be)(?: on)?|mi cumpleanos es(?: el)?|i was born on|naci el) "),
  rule(
    'marital status',
    'maritalStatus',
    `(?:${be}|i (?:just |have )*got |i've (?:just )?got )(?=(?:married|single|divorced|engaged|widowed|a widower?|separated)(?:$|[.,;!]| (?:to \\p{L}+(?:$|[.,;!])|now|again|last|in (?!an? |the |my )|this|since|for|and|with)\\b))`,
  ),
  rule(
    'marital status',
    'maritalStatus',
    `(?:${yo}(?:estoy|soy|estar|ser) (?=(?:casad|solter|divorciad|comprometid|viud|separad)[oa](?:$|[.,;!]| (?:con|desde|y|hace)\\b))|${yo}(?=(?:case|divorcie|separe|enviude)(?:$|[.,;!]| (?:con|en|el|la|hace|y)\\b)))`,
  ),
  rule(
    'diet',
    'diet',
    `(?:${be}(?:an? )?(?:strict )?|${i}(?:went|turned) |${yo}(?:soy|ser|hice|volvi) )(?=(?:vegan|veggie|vegetarian|pesce?tarian|vegetarian[oa]|vegan[oa]|pesc[ae]tarian[oa]|omnivor[oa]|omnivore)(?:$|[.,;!]| (?:now|since|for|again|and|y|desde|ahora|hace|any|because)\\b))`,
  ),
  rule(
    'diet',
    'diet',
    `(?:${i}(?:eat|started eating|began to eat) (?=(?:meat|everything)(?: again| now)?(?:$|[.,;!]))|${yo}(?:como|volvi a comer) (?:de )?(?=(?:carne|todo)(?: otra vez| de nuevo| ahora)?(?:$|[.,;!])))`,
  ),

  rule(
    'phone',
    'contact',
    "(?:my|mi) (?:new |nuevo )?(?:phone(?: number)?|mobile(?: number)?|cell(?: number)?|number|(?:numero(?: de (?:telefono|celular))?|telefono|celular|movil))(?:'s| is| be| es|:)(?: now| ahora)?(?: el)? (?=\\+?\\(?\\d)",
  ),
  rule(
    'e-mail',
    'contact',
    "(?:my|mi) (?:new |nuevo )?(?:e-?mail(?: address)?|correo(?: electronico)?)(?:'s| is| be| es|:)(?: now| ahora)? (?=\\S+@)",
  ),
  rule(
    'address',
    'phrase',
    "(?:my|mi) (?:new |home |nueva )?(?:address|direccion)(?:'s| is| be| es|:)(?: now| ahora)? (?=.*\\d)",
  ),
  ...['native', 'preferred'].map((which) =>
    rule(
      `${which} language`,
      'name',
      `(?:my ${which === 'native' ? '(?:native|first|mother)' : 'preferred'} (?:language|tongue)(?:'s| is| be)|mi (?:lengua|idioma) ${which === 'native' ? '(?:matern[oa]|nativ[oa])' : 'preferid[oa]'} es(?: el)?) `,
    ),
  ),

  rule(
    'favourite',
    'phrase',
    `my (?:all[- ]time |new )?favou?rite (?<of>(?!thing|part|way|one|things|memory)\\p{L}+(?: \\p{L}+)??)(?:'s| is| be)(?: now| definitely| probably)? `,
  ),
  rule('favourite', 'phrase', `mi (?<of>(?!cosa|parte)\\p{L}+) (?:favorit|preferid)[oa] (?:ahora )?es `),
  rule(
    'name',
    'name',
    `(?:my|mi) (?<of>${alternatives(namedOf)})(?:'s name(?: is| be)?| is called| is named| se llama) `,
  ),
  rule(
    'name',
    'name',
    `(?:my|mi) (?<of>wife|husband|girlfriend|boyfriend|partner|esposa|esposo|marido|novia|novio) (?:is|es) `,
    { isStrict: true },
  ),
  rule(
    'children',
    'number',
    `(?:${i}|i've got |${yo}tengo )(?:have )?${number}(?=\\S+ (?:kids|children|child|kid|hij[oa]s?)(?:$|[.,;!]| (?:now|ahora|and|y)\\b))`,
  ),

  rule(
    'weight',
    'measure',
    `(?:${i}(?:weigh|weighs)|${yo}peso)(?: about| around| exactly| unos| casi)? (?=\\d+(?:[.,]\\d+)? ?(?:kg|kilos?|kilograms?|kgs|lbs?|pounds?|libras?)(?:$|[.,;!]| (?:now|today|ahora|hoy|and|y)\\b))`,
  ),
  rule(
    'height',
    'measure',
    `(?:${be}(?=\\d[\\d.,]* ?(?:cm|m|metres?|meters?|centimetres?|centimeters?) tall\\b)|${yo}mido (?=\\d[\\d.,]* ?(?:cm|m|metros?|centimetros?)?(?:$|[.,;!])))`,
  ),
  rule('wake-up time', 'time', `${i}(?:wake|get) up(?: every (?:day|morning))? (?:at|around|about) (?=\\d)`),
  rule('wake-up time', 'time', `${yo}(?:levanto|despierto)(?: todos los dias| siempre| cada dia)? a las? (?=\\d)`),
  rule('bedtime', 'time', `${i}go to (?:bed|sleep)(?: every (?:day|night))? (?:at|around|about) (?=\\d)`),
  rule('bedtime', 'time', `${yo}(?:acuesto|duermo)(?: todos los dias| siempre| cada dia)? a las? (?=\\d)`),
];

/** What a slot's `of` is called, whichever word was used. */
export const canonical = (of: string): string => relationOf.get(of) ?? namedOf.get(of) ?? favouriteOf.get(of) ?? of;

/** What may stand before a claim without changing it. */
export const opening =
  /^(?:(?:(?:hi|hello|hey|hola)(?: there| everyone)?|oh|well|so|ok|okay|yes|yeah|yep|no|nope|sorry|and|but|also|by the way|btw|fyi|just so you know|for the record|to be clear|that's wrong|that is wrong|wrong|correction|actually|now|right now|currently|nowadays|these days|today|yesterday|recently|finally|(?:last|this) (?:week|month|year|summer|winter|spring|autumn|fall)|as of (?:today|now|this week)|(?:in|en) (?:january|february|march|april|may|june|july|august|september|october|november|december|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|\d{4})|as of last (?:week|month|year)|i (?:meant|mean)(?: to say)?(?: that)?|good news|pues|bueno|bien|vale|ahora|ahora mismo|actualmente|hoy|ayer|tambien|por cierto|eso esta mal|finalmente|al final|desde hoy|(?:el|la) (?:mes|semana|ano) pasad[oa]|hoy en dia|y|pero)(?:[,:!]+ ?| +)|si[,:!] ?|(?:remember that|please remember that|recuerda que|anota que|ten en cuenta que)[,:]? |[-*•–] |["'¡(]+)/;
/** What turns a clause into its opposite; taken out, the rest reads as if it held. */
export const negation =
  /(?:n't| not| no longer| never|(?<!'m|\bam|\bis|\bare|\bget|\bgot|getting|\bwas) used to| stopped| quit(?= being| living| working))(?= )|(?<=^| )(?:ya )?no (?=(?:me |se )?(?:vivo|vive|viven|trabajo|trabaja|soy|es|estoy|llamo|tengo|peso|mido|levanto|despierto|como|acuesto)\b)|^(?:yo )?(?:deje|he dejado) de (?=vivir|trabajar|ser)/;

/** Before a claim, in its sentence: what follows is no fact. */
export const unreal =
  /\b(?:if|wish|imagin\w+|suppos\w+|pretend\w*|hypothetically|dream\w*|let's say|would|could|might|maybe|perhaps|probably|unless|when|until|story|novel|character|example|joke|joking|says?|said|asked|told|thinks?|thought|heard|ojala|imagin\w+|supon\w+|quizas?|tal vez|suen\w+|sone|personaje|ejemplo|cuando|podria|dice|dijo|cree|pregunto|broma)\b/;
/** After it: only in a game, only for a while, only perhaps. */
export const unrealAfter =
  /\b(?:(?:in|en) (?:my|the|this|that|a|mi|mis|el|la|este|esta|un|una) (?:next |proxima |otra )?(?:dreams?|game|story|novel|book|movie|film|series|show|song|play|life|sim|suenos?|juego|historia|novela|pelicula|serie|libro|cancion|vida)|in theory|just kidding|jk|someday|one day|hypothetically|if (?:i|we|it|he|she|they|all|only)|until|till|temporarily|es broma|algun dia|si (?:me|todo|consigo|puedo|no|el|la)|hasta|temporalmente|in (?:real|another) life|but (?:then )?(?:left|came back|moved back)|and (?:then )?(?:left|came back|moved back))\b/;
/** Times that are not every day's. */
export const notDaily =
  /\b(?:tomorrow|today|sometimes|weekends?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|next|once|a veces|fines? de semana|los (?:lunes|martes|miercoles|jueves|viernes|sabados|domingos)|hoy|(?<!la )manana)\b/;
