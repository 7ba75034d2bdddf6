/** Words by which places are told from what else can stand after "I live in", English and Spanish, folded. */

/** Where nobody lives, though it can stand after "in": states of mind, kinds of houses, times. */
export const noPlace = new Set(
  `a an my our your his her their its this that these those some one two three the between another un una unos unas mi mis tu su nuestra este esta ese esa
  fear hope peace harmony silence poverty pain denial luxury sin darkness misery exile hiding debt comfort stress squalor solitude chaos sync style isolation
  paradise terror love tears bed town home work college university school dorms suburbia student shared constant total eternal shock heaven hell afar here
  there where monday tuesday wednesday thursday friday saturday sunday tomorrow next online marketing sales part-time full-time
  paz miedo soledad armonia silencio pobreza pareja familia departamento piso apartamento comunidad residencia barrio pueblo casa campo ciudad ruinas
  acuerdo broma alla aqui ahi letras pocas nuevo`.split(/\s+/),
);
/** Words that stand before the proper word of a place in lower case: "la paz", "new york". */
export const placeBeginning =
  /^(?:new|san|santa|santo|saint|st|los|las|la|el|buenos|rio|north|south|east|west|puerto|costa|sri|hong|kuala|cape|tel|abu|vina|ciudad de|nueva) /;
export const placeArticle =
  /^the (?:us|usa|uk|netherlands|hague|states|united states|united kingdom|philippines|bronx|bahamas|maldives)$/;
/** Countries beside their official names. */
export const otherCountries: Record<string, string> = {
  ...{
    usa: 'us',
    'the us': 'us',
    'the usa': 'us',
    'the states': 'us',
    'the united states': 'us',
    america: 'us',
    'los estados unidos': 'us',
    eeuu: 'us',
  },
  ...{
    uk: 'gb',
    'the uk': 'gb',
    'the united kingdom': 'gb',
    england: 'gb',
    inglaterra: 'gb',
    scotland: 'gb',
    wales: 'gb',
    holland: 'nl',
    holanda: 'nl',
  },
  ...{ 'the netherlands': 'nl', 'los paises bajos': 'nl', 'the philippines': 'ph', turkey: 'tr', czechia: 'cz' },
};
