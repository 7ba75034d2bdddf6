import { type Clause, slice } from '../clauses';
import { toNumber } from '../rules/frequency';
import { type ClaimKind, notDaily } from '../rules/claim-rules';
import * as words from '../rules/claim-words';
import * as places from '../rules/place-words';

/** Reads a value from what follows a rule's pattern, made alike for comparison; null where it is none after all. */
type ReadValue = (rest: Clause, isStrict: boolean) => string | null;

const maxWords = 5;
/** Where a value ends. */
const end =
  /[,.;:!?()"“”«»]|(?<=^| )(?:and|but|or|with|since|for|because|so|now|where|which|while|who|that|as|at|near|on|from|in|these|anymore|any|again|currently|right|permanently|together|alone|last|this|yesterday|today|recently|originally|until|till|when|cuando|after|before|too|though|by|myself|y|o|e|pero|con|desde|porque|donde|que|ahora|ya|por|hace|cerca|hasta|en|todavia|tambien|hoy|ayer|otra|sin|mas|no|not|actualmente|junto)(?= |$|[.,;:!?)])|$/;
const articles = /^(?:the|an?|el|la|los|las|una?) /;

const leading = (rest: Clause): Clause => slice(rest, 0, end.exec(rest.folded)?.index);
const countWords = (text: string) => text.split(' ').length;
const bare = (text: string) =>
  text
    .replace(/['’]s$/, '')
    .replace(articles, '')
    .trim();

const place: ReadValue = (rest, isStrict) => {
  const found = leading(rest);
  const { text, folded } = found;
  if (folded === '' || countWords(folded) > maxWords) return null;
  // "Lima and Madrid" is none that there can be only one of.
  if (/^ ?(?:and|or|y|o|&|\/) ?\p{Lu}/u.test(rest.text.slice(text.length))) return null;
  const proper = text.replace(
    /^(?:the|downtown|central|sunny|beautiful|greater|(?:la ciudad|el centro|las afueras) de|la|el|los|las) /i,
    '',
  );
  const isProper = /^\p{Lu}/u.test(proper) && !places.noPlace.has(proper.toLowerCase());
  if (isProper || places.placeArticle.test(folded)) return toPlaceName(folded);
  const [first = ''] = folded.split(' ');
  const isLower = !/\p{Lu}/u.test(rest.text) && !places.noPlace.has(first) && !articles.test(folded);
  const isLikely = countWords(folded) === 1 || places.placeBeginning.test(folded);
  return !isStrict && isLikely && (isLower || places.placeBeginning.test(folded)) ? toPlaceName(folded) : null;
};
const toPlaceName = (folded: string) => folded.replace(/^(?:downtown|central|sunny|beautiful|el centro de) /, '');

const profession: ReadValue = (rest) => {
  const { folded } = leading(rest);
  const all = folded.split(' ').filter((word) => word !== 'de');
  if (folded === '' || all.length > maxWords || /\b(?:retired|former|ex|failed|terrible)\b/.test(folded)) return null;
  // English names the profession last, Spanish first.
  const known = [all.at(-1), all[0]].find((word) => word !== undefined && words.professionOf.has(word));
  return known ? all.map((word) => (word === known ? words.professionOf.get(word) : word)).join(' ') : null;
};

const employer: ReadValue = (rest, isStrict) => {
  const { text, folded } = leading(rest);
  const [first = ''] = folded.split(' ');
  if (folded === '' || countWords(folded) > maxWords || words.noEmployer.has(first)) return null;
  const isLower = !isStrict && countWords(folded) === 1 && !/\p{Lu}/u.test(rest.text);
  return /^[\p{Lu}\d]/u.test(text) || isLower ? folded : null;
};

const name: ReadValue = (rest, isStrict) => {
  const pattern = isStrict
    ? /^\p{Lu}[\p{L}'’-]{1,29}(?=$|[.,;!]| (?:and|y)\b)/u
    : /^\p{L}[\p{L}'’-]{1,29}(?: \p{Lu}[\p{L}'’-]{0,29}){0,2}/u;
  const [found = ''] = pattern.exec(rest.text) ?? [];
  const value = rest.folded.slice(0, found.length);
  return value === '' ||
    /^(?:not|no|a|an|the|on|in|un|una|el|la|hard|difficult|too|spelled|written|pronounced|so|also|still|often)$/.test(
      value,
    )
    ? null
    : value;
};

const fromWords =
  (known: ReadonlyMap<string, string>): ReadValue =>
  ({ folded }) => {
    const [found = ''] = /^(?:a )?\p{L}+/u.exec(folded) ?? [];
    return known.get(found) ?? known.get(found.replace(/^a /, '')) ?? null;
  };

const number: ReadValue = ({ folded }) => {
  const value = toNumber(/^\S+?(?=[.,;!]?(?: |$))/.exec(folded)?.[0] ?? '');
  return Number.isFinite(value) && value > 0 && value < 130 ? String(value) : null;
};

const months =
  'jan(?:uary)?|ene(?:ro)?|feb(?:ruary|rero)?|mar(?:ch|zo)?|apr(?:il)?|abr(?:il)?|may(?:o)?|june?|junio|july?|julio|aug(?:ust)?|ago(?:sto)?|sep(?:t|tember|tiembre)?|oct(?:ober|ubre)?|nov(?:ember|iembre)?|dec(?:ember)?|dic(?:iembre)?';
const dayMonth = new RegExp(
  `^(?:the )?(\\d{1,2})(?:st|nd|rd|th)?(?: of| de)? (${months})\\b|^(${months}) (?:the )?(\\d{1,2})(?:st|nd|rd|th)?\\b`,
);
const monthNames = ['ja|en', 'f', 'mar', 'ap|ab', 'may', 'jun', 'jul', 'au|ag', 's', 'o', 'n', 'd'].map(
  (start) => new RegExp(`^(?:${start})`),
);
const day: ReadValue = ({ folded }) => {
  const [, before, month, first, after] = dayMonth.exec(folded) ?? [];
  const at = monthNames.findIndex((start) => start.test(month ?? first ?? ''));
  return at < 0 ? null : `${Number(before ?? after)}/${at + 1}`;
};

const time: ReadValue = ({ folded }) => {
  const [all = '', hour, minutes = '00', half] = /^(\d{1,2})(?:[:.](\d\d))?(?: ?([ap])\.?m\b)?/.exec(folded) ?? [];
  if (!hour || Number(hour) > 23 || notDaily.test(folded.slice(all.length))) return null;
  const isAfternoon = half === 'p' || /^ de la (?:tarde|noche)/.test(folded.slice(all.length));
  return `${isAfternoon && Number(hour) < 12 ? Number(hour) + 12 : Number(hour)}:${minutes}`;
};

const units: [RegExp, string][] = [
  [/^k/, 'kg'],
  [/^(?:lb|pound|libra)/, 'lb'],
  [/^c/, 'cm'],
];
const measure: ReadValue = ({ folded }) => {
  const [, digits = '', unit = ''] = /^(\d+(?:[.,]\d+)?) ?(\p{L}*)/u.exec(folded) ?? [];
  const value = Number(digits.replace(',', '.'));
  const known = units.find(([start]) => start.test(unit))?.[1];
  // Heights without a unit, or in metres.
  return known ? `${value} ${known}` : `${Math.round(value < 3 ? value * 100 : value)} cm`;
};

const contact: ReadValue = ({ folded }) => {
  const [address] = /^\S+@[\p{L}\d.-]+\p{L}/u.exec(folded) ?? [];
  const digits = /^[+\d() .-]+/.exec(folded)?.[0].replace(/\D/g, '') ?? '';
  return address ?? (digits.length >= 6 && digits.length <= 15 ? digits : null);
};

const phrase: ReadValue = (rest) => {
  const [found = ''] = /^[^.,;:!?()"“”«»]+/.exec(rest.folded) ?? [];
  const value = bare(found.replace(/ (?:now|ahora|again|these days|too)$/, '').trim());
  if (
    /^(?:about|from|by|when|where|how|that|what|still|not|one|probably|definitely|when|cuando|donde|como|lo que|sobre)\b/.test(
      value,
    )
  )
    return null;
  return value !== '' && countWords(value) <= 8 ? value : null;
};

export const readValue: Record<ClaimKind, ReadValue> = {
  ...{ place, profession, employer, name, number, day, time, measure, contact, phrase },
  diet: fromWords(words.dietOf),
  maritalStatus: fromWords(words.maritalStatusOf),
  nothing: () => '',
};

let countryCodes: Map<string, string> | undefined;

/** The code of a country by its English or Spanish name, folded; undefined for what is none. Names are the ones that Unicode's CLDR has. */
export function countryOf(folded: string, fold: (name: string) => string): string | undefined {
  if (!countryCodes) {
    countryCodes = new Map(Object.entries(places.otherCountries));
    const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));
    for (const locale of ['en', 'es']) {
      const names = new Intl.DisplayNames([locale], { type: 'region', fallback: 'none' });
      for (const code of letters.flatMap((a) => letters.map((b) => a + b))) {
        const called = names.of(code);
        if (called) countryCodes.set(fold(called), code.toLowerCase());
      }
    }
  }
  return countryCodes.get(folded);
}
