import type { Clause } from './clauses';
import type { Intent } from './intent';
import { activities } from './rules/activities';
import { doneIt, doneMarker, feelingOnScale, notDone, scales, subject, yesterday } from './rules/check-in-rules';
import { findFrequencies, toNumber } from './rules/frequency';

interface Reading {
  value: number;
  start: number;
  end: number;
}

/** Mood and energy in a sentence as one check-in; what lies outside 1 to 10 is not logged but answered. */
export function readCheckIn({ text, folded }: Clause): Intent[] {
  const { mood: named, energy } = readScales(folded);
  const mood = named ?? toReading(feelingOnScale.map((pattern) => pattern.exec(folded)).find(Boolean));
  const readings = [mood, energy].filter((reading) => reading !== null);
  if (!readings.length) return [];
  if (readings.some(({ value }) => value < 1 || value > 10)) return [{ kind: 'out_of_scale' }];
  const rest = readings
    .sort((a, b) => b.start - a.start)
    .reduce((left, { start, end }) => left.slice(0, start) + left.slice(end), text);
  const isTelling = (rest.match(/\p{L}+/gu)?.length ?? 0) >= 3;
  return [
    {
      kind: 'check_in',
      ...(mood && { mood: mood.value }),
      ...(energy && { energy: energy.value }),
      ...(isTelling && { note: text }),
    },
  ];
}

type Order = keyof (typeof scales)['mood'];
type Readings = Record<keyof typeof scales, Reading | null>;

/** "Mood 7, energy 5" or "7 mood, 5 energy": the order that reads more of the sentence, then what only the other one reads. */
function readScales(folded: string): Readings {
  const readIn = (order: Order): Readings => ({
    mood: toReading(scales.mood[order].exec(folded)),
    energy: toReading(scales.energy[order].exec(folded)),
  });
  const countOf = ({ mood, energy }: Readings) => Number(mood !== null) + Number(energy !== null);
  const [nameFirst, numberFirst] = [readIn('nameFirst'), readIn('numberFirst')];
  const [main, other] = countOf(numberFirst) > countOf(nameFirst) ? [numberFirst, nameFirst] : [nameFirst, numberFirst];
  const isApart = (reading: Reading | null) =>
    [main.mood, main.energy].every(
      (taken) => !taken || !reading || reading.end <= taken.start || reading.start >= taken.end,
    );
  return {
    mood: main.mood ?? (isApart(other.mood) ? other.mood : null),
    energy: main.energy ?? (isApart(other.energy) ? other.energy : null),
  };
}

function toReading(match: RegExpExecArray | null | undefined): Reading | null {
  if (!match?.[1]) return null;
  return { value: toNumber(match[1]), start: match.index, end: match.index + match[0].length };
}

const activityRules = activities.map(({ name, names, done }) => ({
  name,
  named: new RegExp(`\\b(?:${names})\\b`),
  done: new RegExp(`${subject}(?:${done})\\b`),
}));
const pastVerb = new RegExp(`${subject}[a-z]{3,20}ed\\b`);

/** The activities that a folded text names, in any form. */
export const activitiesIn = (folded: string): string[] =>
  activityRules.filter(({ named }) => named.test(folded)).map(({ name }) => name);

/** What somebody says they did, or null: nothing that was missed, planned, habitual or done by others. */
export function readReport({ text, folded }: Clause): Extract<Intent, { kind: 'report' }> | null {
  if (notDone.test(folded) || findFrequencies(folded).length) return null;
  const daysAgo = yesterday.test(folded) ? 1 : 0;
  const done = activityRules.filter((rule) => rule.done.test(folded)).map(({ name }) => name);
  if (done.length) return { kind: 'report', words: text, activities: done, isNamed: true, daysAgo };
  if (doneIt.test(folded)) return { kind: 'report', words: text, activities: [], isNamed: false, daysAgo };
  if (!doneMarker.test(folded) && !pastVerb.test(folded)) return null;
  return { kind: 'report', words: text, activities: activitiesIn(folded), isNamed: true, daysAgo };
}
