import { progressOf, type Target } from '../../shared/chat/streak';

const at = (iso: string) => new Date(iso);
const daily: Target = { count: 1, period: 'day' };
const thrice: Target = { count: 3, period: 'week' };
/** A Saturday. */
const now = at('2026-11-21T12:00:00Z');

describe('where a goal stands', () => {
  test.each([
    ['nothing was done', [], daily, 0, 0, '2026-11-22'],
    ['today only', ['2026-11-21T00:00:00Z'], daily, 1, 1, '2026-11-23'],
    ['yesterday, so that today is not lost yet', ['2026-11-20T23:59:59.999Z'], daily, 1, 0, '2026-11-22'],
    ['the day before yesterday: broken', ['2026-11-19T12:00:00Z'], daily, 0, 0, '2026-11-22'],
    [
      'three days in a row',
      ['2026-11-19T08:00:00Z', '2026-11-20T08:00:00Z', '2026-11-21T08:00:00Z'],
      daily,
      3,
      1,
      '2026-11-23',
    ],
    ['twice in one day is one day', ['2026-11-21T08:00:00Z', '2026-11-21T09:00:00Z'], daily, 1, 2, '2026-11-23'],
    ['two of three this week', ['2026-11-16T00:00:00Z', '2026-11-18T00:00:00Z'], thrice, 0, 2, '2026-11-23'],
    [
      'the week begins on Monday',
      ['2026-11-15T23:59:59Z', '2026-11-16T00:00:00Z', '2026-11-17T00:00:00Z'],
      thrice,
      0,
      2,
      '2026-11-23',
    ],
    [
      'last week met, this one under way',
      ['2026-11-09T00:00:00Z', '2026-11-10T00:00:00Z', '2026-11-15T00:00:00Z', '2026-11-17T00:00:00Z'],
      thrice,
      1,
      1,
      '2026-11-23',
    ],
    [
      'months over a new year',
      ['2026-10-03T00:00:00Z', '2026-11-30T00:00:00Z'],
      { count: 1, period: 'month' } as Target,
      1,
      0,
      '2026-12-01',
    ],
  ])('%s', (_, times, target, streak, doneThisPeriod, nextDue) => {
    const progress = progressOf(times.map(at), target, now);
    expect(progress).toEqual({ streak, doneThisPeriod, nextDue: at(`${nextDue}T00:00:00Z`) });
  });

  test('a month at the end of the year is followed by January', () => {
    const progress = progressOf(
      [at('2026-12-05T00:00:00Z')],
      { count: 1, period: 'month' },
      at('2026-12-31T23:00:00Z'),
    );
    expect(progress).toEqual({ streak: 1, doneThisPeriod: 1, nextDue: at('2027-02-01T00:00:00Z') });
  });

  test('without a target there is neither streak nor due date', () => {
    expect(progressOf([now], null, now)).toEqual({ streak: 0, doneThisPeriod: 0, nextDue: null });
  });
});

describe('streaks by property', () => {
  /** Reproducible noise: a small linear congruential generator. */
  const random = (seed: number) => () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const dayMs = 86_400_000;

  test('agree with counting day by day, in any order of check-ins', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const next = random(seed);
      const days = new Set(Array.from({ length: 12 }, () => Math.floor(next() * 15)));
      const times = [...days].map((day) => new Date(now.getTime() - day * dayMs)).sort(() => next() - 0.5);
      let expected = 0;
      for (let day = days.has(0) ? 0 : 1; days.has(day); day += 1) expected += 1;
      expect(progressOf(times, daily, now).streak).toBe(expected);
    }
  });

  test('never fall when something more was done, and what lies ahead does not count', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const next = random(seed);
      const target: Target = {
        count: 1 + Math.floor(next() * 3),
        period: (['day', 'week', 'month'] as const)[seed % 3] ?? 'day',
      };
      const times = Array.from({ length: 30 }, () => new Date(now.getTime() - next() * 90 * dayMs));
      const before = progressOf(times, target, now);
      const more = progressOf([...times, new Date(now.getTime() - next() * 90 * dayMs)], target, now);
      expect(more.streak).toBeGreaterThanOrEqual(before.streak);
      expect(progressOf([...times, new Date(now.getTime() + dayMs)], target, now)).toEqual(before);
      expect(before.nextDue?.getTime()).toBeGreaterThan(now.getTime());
    }
  });
});
