import { favouriteOf, relationOf } from './claim-words';

/** How people ask for what claims tell, by the slot of the claim; `of`: whom or what it is about. */
const kin = [...relationOf.keys()].join('|');
const favourites = [...favouriteOf.keys()].join('|');

export const askedRules: readonly { slot: string; pattern: RegExp }[] = [
  { slot: 'home', pattern: /\b(?:where (?:do|am) i (?:now |currently |still )?(?:live|living|based)|donde vivo)\b/ },
  {
    slot: 'home',
    pattern: new RegExp(
      `\\bwhere (?:does|do) my (?<of>${kin})\\b(?: \\p{L}+)? (?:now )?live\\b|\\bdonde vive(?:n)? mis? (?<of2>${kin})\\b`,
      'u',
    ),
  },
  {
    slot: 'job',
    pattern:
      /\b(?:what do i (?:do(?: for (?:a )?(?:living|work))?(?=\W*$)|work as)|what(?:'s| is) my (?:job|profession|occupation)|(?:en|de) que trabajo|cual es mi (?:trabajo|profesion)|a que me dedico)\b/,
  },
  { slot: 'employer', pattern: /\b(?:where do i work|who do i work for|(?:para quien|donde) trabajo)\b/ },
  { slot: 'name', pattern: /\b(?:what(?:'s| is) my name|como me llamo)\b/ },
  { slot: 'age', pattern: /\b(?:how old am i|what(?:'s| is) my age|cuantos anos tengo)\b/ },
  { slot: 'birthday', pattern: /\b(?:when(?:'s| is) my birthday|cuando es mi cumpleanos)\b/ },
  {
    slot: 'diet',
    pattern: /\b(?:what do i eat|am i (?:a )?(?:vegan|vegetarian)|que como|soy (?:vegan|vegetarian)[oa])\b/,
  },
  {
    slot: 'favourite',
    pattern: new RegExp(
      `\\bwhat(?:'s| is) my favou?rite (?<of>${favourites}|\\p{L}+)|\\bcual es mi (?<of2>${favourites}|\\p{L}+) (?:favorit|preferid)[oa]\\b`,
      'u',
    ),
  },
];
