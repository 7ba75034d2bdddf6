import type { Span } from './span';

/** How the digits of a card are grouped in print and in forms; unbroken, or one by one as they are read out, goes without saying. */
const printed =
  '4-4-4-4 4-4-4-4-3 4-4-4-4-2 4-4-4-4-1 4-4-4-3 4-4-4-2 4-6-5 4-6-4 4-5-6 4-4-5 4-4-8 4-3-3-3 4-12 6-10 6-13 8-8';
const groupings = printed.split(' ').map((grouping) => grouping.split('-').map(Number));

/** How an issuer's numbers begin, as ranges compared by as many digits as they have, and how long the numbers are. */
const issuer = (ranges: string, ...lengths: number[]) => ({
  lengths,
  ranges: ranges.split(' ').map((range) => {
    const [from = '', to = from] = range.split('-');
    return { digits: from.length, from: Number(from), to: Number(to) };
  }),
});
/** ISO/IEC 7812, and the ranges that the schemes publish. */
const issuers = [
  // Visa, Mastercard, American Express, Diners Club.
  issuer('4', 13, 16, 19),
  issuer('51-55 2221-2720', 16),
  issuer('34 37', 15),
  issuer('300-305 3095 36 38-39', 14, 16),
  // Discover, UnionPay, JCB, Mir.
  issuer('6011 644-649 65 62 3528-3589 2200-2204', 16, 17, 18, 19),
  // Maestro.
  issuer('5018 5020 5038 5893 6304 6759 6761-6763', 13, 14, 15, 16, 17, 18, 19),
  // Elo, Hipercard, Cabal, Naranja, RuPay, Troy.
  issuer('5067 509 504175 636297 636368 606282 6042-6043 589657 589562 508 9792', 16),
];

/** Digits with one separator, or two, between any two of them. */
const run = /\d(?:[ .\-\u200b]{0,2}\d){12,}/g;
const separated = /[ .\-\u200b]+|\d+/g;

const numberWord = String.raw`(?:[ _-]?(?:numbers?|num|no|nr|id|code|n[uú]mero|n\.?\s?[º°o]|c[oó]digo)|\s?#)`;
const numbered =
  'orders?|tracking|parcel|shipment|package|invoice|receipt|reference|ref|booking|reservation|ticket|transaction|serial|sku|imei|isbn|ean|upc|barcode|' +
  'folio|pedido|orden|env[ií]o|seguimiento|gu[ií]a|factura|boleta|recibo|referencia|reserva|transacci[oó]n|serie|c[oó]digo de barras';
const sometimesNumbered = 'case|account|customer|part|product|item|caso|cuenta|cliente|producto';

/** What says that a number is no card's, where it stands right before one: an order, a parcel, an invoice. */
const reference = new RegExp(
  String.raw`\b(?:(?:${numbered})${numberWord}?|(?:${sometimesNumbered})${numberWord})\.?[\s"']{0,2}(?:is|was|es|era|[:#=/_-]){0,2}[\s"'#]{0,3}$`,
  'i',
);
const longestReference = 50;

interface Group {
  digits: string;
  start: number;
  end: number;
  /** What stands before it; '' before the first. */
  separator: string;
}

/** Card numbers: as long, as grouped and as begun as an issuer's, with Luhn's check digit. Numbers that are called an order's, a parcel's or the like are none. */
export function findCards(text: string): Span[] {
  return [...text.matchAll(run)].flatMap(({ 0: found, index }) => inRun(text, toGroups(found, index)));
}

function toGroups(found: string, at: number): Group[] {
  const groups: Group[] = [];
  let separator = '';
  for (const { 0: piece, index } of found.matchAll(separated)) {
    if (/^\d/.test(piece)) groups.push({ digits: piece, start: at + index, end: at + index + piece.length, separator });
    else separator = piece;
  }
  return groups;
}

function inRun(text: string, groups: Group[]): Span[] {
  const spans: Span[] = [];
  for (let first = 0; first < groups.length; ) {
    const count = cardAt(text, groups, first);
    const [from, to] = [groups[first], groups[first + count - 1]];
    if (from && to && count > 0) spans.push({ kind: 'card', start: from.start, end: to.end });
    first += Math.max(1, count);
  }
  return spans;
}

/** How many groups from `first` on are a card; 0 where none begins there. */
function cardAt(text: string, groups: Group[], first: number): number {
  const { start, digits = '' } = groups[first] ?? {};
  if (start === undefined) return 0;
  const counts = digits.length > 1 ? [1, ...printedAt(groups, first)] : readOutAt(groups, first);
  return counts.find((count) => isCard(text, groups.slice(first, first + count))) ?? 0;
}

/** How many groups the printed groupings take that fit here, the longest first. */
const printedAt = (groups: Group[], first: number): number[] =>
  groupings
    .filter((lengths) => lengths.every((length, i) => groups[first + i]?.digits.length === length))
    .map(({ length }) => length)
    .sort((a, b) => b - a);

/** Digits that are read out one by one are a number for as long as that goes on. */
function readOutAt(groups: Group[], first: number): number[] {
  const isSingle = (i: number) => groups[i]?.digits.length === 1;
  if (isSingle(first - 1)) return [];
  let count = 0;
  while (isSingle(first + count)) count++;
  return [count];
}

function isCard(text: string, groups: Group[]): boolean {
  const [first, second] = groups;
  const last = groups.at(-1);
  if (!first || !last) return false;
  const number = groups.map(({ digits }) => digits).join('');
  if (number.length < 13 || number.length > 19 || !isIssued(number) || !isLuhn(number)) return false;
  if (second && groups.some(({ separator }, i) => i > 0 && visible(separator) !== visible(second.separator)))
    return false;
  const before = text.slice(Math.max(0, first.start - longestReference), first.start);
  const after = text.slice(last.end, last.end + 2);
  if (/[\p{L}_]$/u.test(before) || /^[\p{L}_]/u.test(after)) return false;
  if (second) return true;
  const isPart = /[\p{L}\d][.-]$/u.test(before) || /^\.\d/.test(after);
  return !isPart && !isBarcode(number) && !reference.test(before);
}

const visible = (separator: string) => separator.replaceAll('\u200b', '');

const isIssued = (number: string): boolean =>
  issuers.some(
    ({ lengths, ranges }) =>
      lengths.includes(number.length) &&
      ranges.some(({ digits, from, to }) => {
        const begin = Number(number.slice(0, digits));
        return begin >= from && begin <= to;
      }),
  );

function isLuhn(number: string): boolean {
  let sum = 0;
  for (let i = 0; i < number.length; i++) {
    const digit = number.charCodeAt(number.length - 1 - i) - 48;
    const doubled = i % 2 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** EAN-13, whose numbers are as long as the shortest of cards. */
function isBarcode(number: string): boolean {
  if (number.length !== 13) return false;
  return [...number].reduce((sum, digit, i) => sum + Number(digit) * (i % 2 ? 3 : 1), 0) % 10 === 0;
}
