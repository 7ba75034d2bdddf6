import { fold } from './cues';

/** A day, a month or a year that a query names; what it leaves open is null. UTC, months from 0. */
export interface NamedDate {
  year: number | null;
  month: number | null;
  day: number | null;
}

const dayMs = 86_400_000;

const monthNames =
  'january|february|march|april|may|june|july|august|september|october|november|december|' +
  'enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre';
/** English and Spanish months by their first three letters. */
const monthsByStart = [
  'jan ene',
  'feb',
  'mar',
  'apr abr',
  'may',
  'jun',
  'jul',
  'aug ago',
  'sep set',
  'oct',
  'nov',
  'dec dic',
];

/** "15 May 2023", "May 15th, 2023", "15 de mayo de 2023", "May 2023", "May", "2023". */
const calendarDate = new RegExp(
  `\\b(?:(\\d{1,2})(?:st|nd|rd|th)? (?:de |of )?)?(${monthNames})\\b(?: (\\d{1,2})(?:st|nd|rd|th)?\\b)?(?:,? (?:de |del |of )?(20\\d\\d|19\\d\\d)\\b)?|\\b(20\\d\\d|19\\d\\d)\\b`,
  'g',
);
/** Two English months are words of another kind too: alone, they are months after one of these. */
const beforeMonth = /\b(?:in|of|on|by|during|since|until|before|after|around|early|mid|late|last|this|next) $/;

const daysBack = (now: number, from: number, to: number) =>
  Array.from({ length: from - to + 1 }, (_, i) => dayOf(now - (from - i) * dayMs));
const relativeDates: [RegExp, (now: number) => NamedDate[]][] = [
  [/\b(?:today|tonight|hoy)\b/, (now) => daysBack(now, 0, 0)],
  [/\b(?:yesterday|last night|ayer|anoche)\b/, (now) => daysBack(now, 1, 1)],
  [/\b(?:last week|past week|semana pasada|ultima semana)\b/, (now) => daysBack(now, 13, 1)],
  [/\b(?:last month|mes pasado)\b/, (now) => [{ ...dayOf(Date.UTC(yearOf(now), monthOf(now), 0)), day: null }]],
  [/\b(?:this month|este mes)\b/, (now) => [{ ...dayOf(now), day: null }]],
  [/\b(?:last year|ano pasado)\b/, (now) => [{ year: yearOf(now) - 1, month: null, day: null }]],
  [/\b(?:this year|este ano)\b/, (now) => [{ year: yearOf(now), month: null, day: null }]],
];

/** The dates that a query names, in English or Spanish. "Yesterday", "last month" and the like are counted back from `now`, in ms since 1970. */
export function namedDates(text: string, now: number): NamedDate[] {
  const folded = fold(text);
  const onCalendar = Array.from(folded.matchAll(calendarDate)).flatMap((match): NamedDate[] => {
    const [whole, dayBefore, name, dayAfter, year, yearAlone] = match;
    if (!name) return [{ year: Number(yearAlone), month: null, day: null }];
    if ((whole === 'may' || whole === 'march') && !beforeMonth.test(folded.slice(0, match.index))) return [];
    const month = monthsByStart.findIndex((starts) => starts.includes(name.slice(0, 3)));
    return [{ year: Number(year) || null, month, day: Number(dayBefore ?? dayAfter) || null }];
  });
  return [...onCalendar, ...relativeDates.flatMap(([words, toDates]) => (words.test(folded) ? toDates(now) : []))];
}

/** Whether a moment (ms since 1970) lies on one of these dates, or a day off: for time zones, and for what is told the day after. */
export function isAround(dates: readonly NamedDate[], moment: number): boolean {
  if (dates.length === 0) return false;
  const near = [moment, moment - dayMs, moment + dayMs].map(dayOf);
  return dates.some((date) =>
    near.some(
      ({ year, month, day }) =>
        (date.year === null || date.year === year) &&
        (date.month === null || date.month === month) &&
        (date.day === null || date.day === day),
    ),
  );
}

const yearOf = (moment: number) => new Date(moment).getUTCFullYear();
const monthOf = (moment: number) => new Date(moment).getUTCMonth();
function dayOf(moment: number) {
  const date = new Date(moment);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate() };
}
