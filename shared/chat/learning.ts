import type { CheckIn, Goals } from './goals';
import { personalityNames } from './personalities/list';
import type { PreferenceName, Preferences } from './preferences';
import type { Note } from './tool';

/** What a person's check-ins show to work best for them. */
export interface Finding {
  value: string;
  /** Mood and energy under it, 1 to 10. */
  mean: number;
  checkIns: number;
}

/** So many of the newest check-ins are looked at: people change. */
const newest = 100;
const fewestUnderIt = 3;
const fewestAltogether = 6;
const leastLead = 0.5;

/**
 * The group of check-ins with the best mean of mood and energy; null unless it has three or more, all groups together six or more, and it
 * is at least half a point above every other. Check-ins without mood and energy, or of no group, say nothing.
 */
export function findBest(checkIns: readonly CheckIn[], groupOf: (checkIn: CheckIn) => string | null): Finding | null {
  const groups = new Map<string, number[]>();
  for (const checkIn of checkIns) {
    const group = groupOf(checkIn);
    const levels = [checkIn.mood, checkIn.energy].filter((level) => level !== null);
    if (group !== null && levels.length) groups.set(group, [...(groups.get(group) ?? []), mean(levels)]);
  }
  const [best, second] = [...groups]
    .map(([value, levels]): Finding => ({ value, mean: mean(levels), checkIns: levels.length }))
    .sort((a, b) => b.mean - a.mean);
  const altogether = [...groups.values()].flat().length;
  // Without a second there is nothing that it would be better than.
  if (!best || !second || best.checkIns < fewestUnderIt || altogether < fewestAltogether) return null;
  return best.mean - second.mean >= leastLead ? best : null;
}

const mean = (levels: readonly number[]) => levels.reduce((sum, level) => sum + level, 0) / levels.length;

/** The coach under whom the person does best. */
export const findPersonality = (checkIns: readonly CheckIn[]): Finding | null =>
  findBest(checkIns, ({ personality }) =>
    personality !== null && personalityNames.includes(personality) ? personality : null,
  );

/** The time of day, in UTC, at which the person does best: where they live is not known. */
export const findTimeOfDay = (checkIns: readonly CheckIn[]): Finding | null =>
  findBest(checkIns, ({ at }) => timeOfDay(at.getUTCHours()));

function timeOfDay(hour: number): string {
  if (hour < 5 || hour >= 22) return 'night';
  if (hour < 12) return 'morning';
  return hour < 17 ? 'afternoon' : 'evening';
}

const lessons: readonly {
  name: PreferenceName;
  find(checkIns: readonly CheckIn[]): Finding | null;
  text(value: string): string;
}[] = [
  { name: 'personality', find: findPersonality, text: (value) => `Works best with the ${value} coach` },
  { name: 'time_of_day', find: findTimeOfDay, text: (value) => `Best time of day: ${value} (UTC)` },
];

export interface Learning {
  /**
   * Looks at a person's check-ins again, and settles what they show. The notes are on what changed by that, [] where nothing did: what the
   * person said themselves holds. Rejects when the database cannot be reached.
   */
  look(userId: string, at: Date): Promise<Note[]>;
}

export function createLearning({ goals, preferences }: { goals: Goals; preferences: Preferences }): Learning {
  return {
    look: async (userId, at) => {
      const { items } = await goals.listCheckIns(userId, { limit: newest, cursor: null });
      const notes: Note[] = [];
      for (const { name, find, text } of lessons) {
        const found = find(items);
        if (!found || !(await preferences.set(userId, name, found.value, at, 'learnt'))) continue;
        const basis = `mood and energy ${found.mean.toFixed(1)} on average over ${found.checkIns} check-ins`;
        const metadata = { preference: name, value: found.value, source: 'learnt' };
        notes.push({ type: 'preference', text: `${text(found.value)}: ${basis}`, metadata });
      }
      return notes;
    },
  };
}
