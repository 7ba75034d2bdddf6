/** How often a goal is to be done: `count` times every `period`. */
export interface Target {
  count: number;
  period: 'day' | 'week' | 'month';
}

export interface Progress {
  /** Periods in a row in which the target was met; the current one counts once it is met and breaks nothing before. */
  streak: number;
  doneThisPeriod: number;
  /** The end of the first period that still lacks something; null without a target. */
  nextDue: Date | null;
}

const dayMs = 86_400_000;

interface Calendar {
  /** The number of the period that a moment lies in; consecutive periods have consecutive numbers. */
  periodOf(at: Date): number;
  startOf(period: number): Date;
}

/** Days are UTC days and weeks begin on Monday: 1 January 1970, day 0, was a Thursday. */
const calendars: Record<Target['period'], Calendar> = {
  day: { periodOf: (at) => Math.floor(at.getTime() / dayMs), startOf: (day) => new Date(day * dayMs) },
  week: {
    periodOf: (at) => Math.floor((Math.floor(at.getTime() / dayMs) + 3) / 7),
    startOf: (week) => new Date((week * 7 - 3) * dayMs),
  },
  month: {
    periodOf: (at) => at.getUTCFullYear() * 12 + at.getUTCMonth(),
    startOf: (month) => new Date(Date.UTC(Math.floor(month / 12), month % 12)),
  },
};

/** Where a goal stands at `now`, by the moments in which something was done for it, in any order. Later ones do not count yet. */
export function progressOf(times: readonly Date[], target: Target | null, now: Date): Progress {
  if (!target) return { streak: 0, doneThisPeriod: 0, nextDue: null };
  const { periodOf, startOf } = calendars[target.period];
  const done = new Map<number, number>();
  for (const at of times) {
    if (at <= now) done.set(periodOf(at), (done.get(periodOf(at)) ?? 0) + 1);
  }
  const current = periodOf(now);
  const isMet = (period: number) => (done.get(period) ?? 0) >= target.count;
  let period = isMet(current) ? current : current - 1;
  let streak = 0;
  for (; isMet(period); period -= 1) streak += 1;
  return { streak, doneThisPeriod: done.get(current) ?? 0, nextDue: startOf(current + (isMet(current) ? 2 : 1)) };
}
